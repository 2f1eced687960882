// What every command route begins with: body, idempotency key, If-Match, token and preferences of a
// request, checked together: one answer names all that is wrong.
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
CommandEnvelope read_envelope(const Request& request, const eventstore::StoreInfo& store,
                              const json::Value& body, Problems& problems);
}

// A command with a body of type Body (described, with rules: api/json/read.h).
template <class Body>
Result<CommandRequest<Body>, Problem> read_command(const Request& request,
                                                   const eventstore::StoreInfo& store) {
    Problems problems;
    CommandRequest<Body> command;
    auto value = json::parse(request.body);
    if (value) {
        auto body = json::read<Body>(*value);
        if (body) command.body = std::move(*body);
        if (!body) problems.add(invalid(std::move(body.error())), "");
    } else {
        problems.add(invalid(std::move(value.error())), "");
        value = json::Value(nullptr);
    }
    command.envelope = detail::read_envelope(request, store, *value, problems);
    if (auto problem = problems.joined()) return unexpected(std::move(*problem));
    return command;
}

}  // namespace skald::http
