#include "api/http/command.h"

#include "api/http/parameters.h"

namespace skald::http {

Result<CommandEnvelope, Problem> read_envelope(const Request& request,
                                               const eventstore::StoreInfo& store) {
    if (!request.body.empty()) {
        return unexpected(bad_request("body_not_expected", "this request takes no body"));
    }
    return detail::read_envelope(request, store, nullptr);
}

namespace detail {

Result<CommandEnvelope, Problem> read_envelope(const Request& request,
                                               const eventstore::StoreInfo& store,
                                               const json::Value& body) {
    Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    auto key = command_key(request, body);
    if (!key) return unexpected(std::move(key.error()));
    auto match = if_match(request);
    if (!match) return unexpected(std::move(match.error()));
    auto token = token_of(request, store);
    if (!token) return unexpected(std::move(token.error()));
    auto wait = prefer_wait(request);
    if (!wait) return unexpected(std::move(wait.error()));
    return CommandEnvelope{*key, *match, std::move(*token), *wait};
}

}  // namespace detail
}  // namespace skald::http
