#include "api/routes/together.h"

namespace skald::routes {

std::optional<Asked> asked_at_once(const http::Request& request, const Services& services) {
    auto options = http::read_options(request, services.store);
    if (!options) return std::nullopt;
    Asked asked;
    asked.request.deadline = request.begun;
    if (options->token) {
        // Whether there are such events at all is asked of the log by those that go alone.
        if (is_beyond(options->token->heads, services.heads->heads())) return std::nullopt;
        asked.request.wanted = options->token->heads;
    }
    asked.known = std::move(options->token);
    return asked;
}

}  // namespace skald::routes
