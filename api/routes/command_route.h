// The way of a command through the edge: its request is read and checked whole, becomes a command
// with a context, and whatever the executor answers becomes one HTTP answer, with the command's id
// and a consistency token in every case. Handlers run on IO threads and never block.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/http/command.h"
#include "api/http/route.h"
#include "api/routes/services.h"
#include "commands/context.h"

namespace skald::routes {

// The answer to every command that was done.
struct Done {
    std::string id;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(Done, (), (id, version))

// What a command came to, for who waits for that: the thing of that version as `body`, and how far
// the read model was that said so.
struct Outcome {
    eventstore::Version version;
    std::string body;
    eventstore::Heads heads;
};
using AskOutcome = std::function<Result<Outcome, http::NotYet>()>;

// How a route's command is addressed and answered.
struct CommandSpec {
    int status = 200;  // once it was done
    // Of a create: what stands before the new thing's id, "/v1/orders/". An order's n-th thing is
    // read with its order.
    std::string location = {};
    std::string target = {};  // what the path's parameter names: "product"; empty: nothing
    bool numbered = false;    // the target is an order's n-th: <order id>.<n>
    std::string part = {};    // what the path's second parameter names, if it has one
    // GET tells the target with an ETag that goes by more than its version. As If-Match it is
    // heard, for its version alone: the command changes nothing but what that counts, and what it
    // does not count may have changed at any moment before. Of other targets no such ETag can hold.
    bool digest_in_etag = false;
    // Makes what asks for the outcome of a command that was done; where there is one, Prefer: wait
    // is heard, and a known outcome answered with 201.
    std::function<AskOutcome(const eventstore::Answer&)> outcome = {};
};

// What the request was, as the command needs it.
commands::CommandContext context_of(const Services& services, const http::Request& request,
                                    const http::CommandEnvelope& envelope);

// `known`: the token the client brought.
http::Response answer_of(const Services& services, const CommandSpec& spec,
                         const std::optional<http::Token>& known, const http::Request& request,
                         const eventstore::Answer& answer);

namespace detail {
// 404 for a path that can name nothing; 412 for an If-Match that can never hold: * on a create (RFC
// 9110), or an ETag that the target never has.
std::optional<http::Problem> fault_of(const CommandSpec& spec, const http::Request& request,
                                      const http::CommandEnvelope& envelope);
// What sends the answer; called once. From here on the request has the headers of every answer to a
// command, whoever gives it.
eventstore::Reply reply_to(const Services& services, const CommandSpec& spec,
                           const std::shared_ptr<http::Request>& request,
                           http::CommandEnvelope& envelope, http::Respond respond);
// `problem`, or what read the request found wrong with it.
void refuse(const Services& services, const http::Request& request, http::Problem problem,
            const eventstore::CommandId& id, const http::Respond& respond);
}  // namespace detail

// `run(request, body, context, reply)` hands the command to the executor and returns. The handler
// outlives what it is called for.
template <class Body, class Run>
http::Handler command_with_body(const Services& services, CommandSpec spec, Run run) {
    return [&services, spec = std::move(spec), run = std::move(run)](
               const std::shared_ptr<http::Request>& request, http::Respond respond) {
        auto command = http::read_command<Body>(*request, services.store);
        request->drop_body();
        if (!command) {
            return detail::refuse(services, *request, std::move(command.error()),
                                  http::command_id(*request), respond);
        }
        const auto& envelope = command->envelope;
        if (auto fault = detail::fault_of(spec, *request, envelope)) {
            return detail::refuse(services, *request, std::move(*fault), envelope.key.id, respond);
        }
        const auto context = context_of(services, *request, envelope);
        auto reply =
            detail::reply_to(services, spec, request, command->envelope, std::move(respond));
        run(*request, std::move(command->body), context, std::move(reply));
    };
}

// The same for a command without a body: `run(request, context, reply)`.
template <class Run>
http::Handler command_without_body(const Services& services, CommandSpec spec, Run run) {
    return [&services, spec = std::move(spec), run = std::move(run)](
               const std::shared_ptr<http::Request>& request, http::Respond respond) {
        auto envelope = http::read_envelope(*request, services.store);
        if (!envelope) {
            return detail::refuse(services, *request, std::move(envelope.error()),
                                  http::command_id(*request), respond);
        }
        if (auto fault = detail::fault_of(spec, *request, *envelope)) {
            return detail::refuse(services, *request, std::move(*fault), envelope->key.id, respond);
        }
        const auto context = context_of(services, *request, *envelope);
        auto reply = detail::reply_to(services, spec, request, *envelope, std::move(respond));
        run(*request, context, std::move(reply));
    };
}

// What a done command answers, for openapi.json.
http::AnswerDoc done_doc(const CommandSpec& spec, std::string description);

}  // namespace skald::routes
