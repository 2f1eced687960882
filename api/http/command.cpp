#include "api/http/command.h"

#include "api/http/parameters.h"

namespace skald::http {

Result<CommandEnvelope, Problem> read_envelope(const Request& request,
                                               const eventstore::StoreInfo& store) {
    Problems problems;
    if (!request.body.empty()) {
        problems.add(bad_request("body_not_expected", "this request takes no body"), "");
    }
    auto envelope = detail::read_envelope(request, store, nullptr, problems);
    if (auto problem = problems.joined()) return unexpected(std::move(*problem));
    return envelope;
}

namespace detail {

CommandEnvelope read_envelope(const Request& request, const eventstore::StoreInfo& store,
                              const json::Value& body, Problems& problems) {
    Parameters parameters(request);
    if (auto problem = parameters.problem()) problems.add(std::move(*problem), "/query");
    CommandEnvelope envelope;
    envelope.key = problems.take(command_key(request, body), "/header/Idempotency-Key");
    envelope.if_match = problems.take(if_match(request), "/header/If-Match");
    envelope.token = problems.take(token_of(request, store), "/header/Skald-Token");
    envelope.wait = problems.take(prefer_wait(request), "/header/Prefer");
    return envelope;
}

}  // namespace detail
}  // namespace skald::http
