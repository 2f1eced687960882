// What every command route begins with: body, idempotency key, If-Match, token and preferences of a
// request, checked together.
#pragma once

#include "api/http/conditional.h"
#include "api/http/idempotency.h"
#include "api/http/preferences.h"
#include "api/http/token.h"
#include "api/json/read.h"

namespace skald::http {

struct CommandEnvelope {
    CommandKey key;
    IfMatch if_match;
    std::optional<Token> token;
    std::optional<std::chrono::seconds> wait;  // Prefer: wait
};

// A command without a body; one that has a body all the same is 400. Query parameters are 400.
Result<CommandEnvelope, Problem> read_envelope(const Request& request,
                                               const eventstore::StoreInfo& store);

template <class Body>
struct CommandRequest {
    Body body;
    CommandEnvelope envelope;
};

namespace detail {
Result<CommandEnvelope, Problem> read_envelope(const Request& request,
                                               const eventstore::StoreInfo& store,
                                               const json::Value& body);
}

// A command with a body of type Body (described, with rules: api/json/read.h).
template <class Body>
Result<CommandRequest<Body>, Problem> read_command(const Request& request,
                                                   const eventstore::StoreInfo& store) {
    auto value = json::parse(request.body);
    if (!value) return unexpected(invalid(std::move(value.error())));
    auto body = json::read<Body>(*value);
    if (!body) return unexpected(invalid(std::move(body.error())));
    auto envelope = detail::read_envelope(request, store, *value);
    if (!envelope) return unexpected(std::move(envelope.error()));
    return CommandRequest<Body>{std::move(*body), std::move(*envelope)};
}

}  // namespace skald::http
