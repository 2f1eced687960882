#include "api/routes/query_route.h"

#include <algorithm>

namespace skald::routes {

Result<Asked, http::Problem> asked_of(const http::Request& request, const Services& services) {
    auto options = http::read_options(request, services.store);
    if (!options) return unexpected(std::move(options.error()));
    Asked asked;
    const auto wait = request.header("Skald-Wait") ? options->wait : services.wait_default;
    asked.request.deadline = std::min(request.deadline, http::Clock::now() + wait);
    if (options->token) asked.request.wanted = options->token->heads;
    asked.known = std::move(options->token);
    return asked;
}

http::Problem lagging(const projections::Lagging& lag) {
    const auto behind = lag.wanted - lag.have;
    return http::unavailable(
        "read_model_lagging",
        "The read model " + lag.read_model + " is " + std::to_string(behind) +
            (behind == 1 ? " event" : " events") + " behind the token: partition " +
            std::to_string(lag.partition.value()) + " is at " + std::to_string(lag.have.value()) +
            ", the token asks for " + std::to_string(lag.wanted.value()) +
            ". Ask again, or wait longer with Skald-Wait.");
}

std::string token_text(const Services& services, const std::optional<http::Token>& known,
                       const eventstore::Heads& heads) {
    auto token = http::Token::nothing_of(services.store);
    token.heads = heads;
    token.heads.resize(static_cast<std::size_t>(services.store.partitions));
    if (known) token.merge(*known);
    return token.encode();
}

http::BlockingHandler guarded(http::BlockingHandler handler) {
    return [handler = std::move(handler)](
               const http::Request& request) -> Result<http::Response, http::Problem> {
        try {
            return handler(request);
        } catch (const std::invalid_argument&) {
            return unexpected(http::bad_request(
                "cursor_invalid", "The cursor does not belong to this list. Start without one."));
        }
    };
}

projections::KeysetPage keyset_of(const http::ListQuery& query) {
    projections::KeysetPage page;
    page.limit = static_cast<std::int32_t>(query.limit);
    if (!query.cursor) return page;
    page.direction = query.cursor->direction == http::Direction::backward
                         ? projections::PageDirection::backward
                         : projections::PageDirection::forward;
    page.after = query.cursor->keys;
    return page;
}

}  // namespace skald::routes
