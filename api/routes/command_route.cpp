#include "api/routes/command_route.h"

#include <algorithm>
#include <chrono>

#include "api/json/write.h"
#include "api/routes/query_route.h"
#include "domain/kernel/ids.h"

namespace skald::routes {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;
using http::Problem;

constexpr std::string_view not_found_suffix = "_not_found";

// What is known of a request's answer before there is one.
struct Answering {
    const Services& services;
    const CommandSpec& spec;
    std::shared_ptr<const http::Request> request;
    std::optional<http::Token> known;          // the token the client brought
    std::optional<std::chrono::seconds> wait;  // Prefer: wait
    http::Respond respond;
};

Problem refusal(const eventstore::Refusal& refusal) {
    if (refusal.code.ends_with(not_found_suffix)) {
        auto problem = http::not_found(refusal.detail);
        problem.code = refusal.code;
        return problem;
    }
    auto problem = http::conflict(refusal.code, refusal.detail, refusal.pointer);
    for (const auto& other : refusal.others) {
        problem.errors.push_back({other.pointer, other.code, other.detail});
    }
    return problem;
}

Problem problem_of(const http::Request& request, const Answer& answer) {
    switch (answer.kind) {
        case AnswerKind::refused:
            return refusal(answer.refusal);
        case AnswerKind::version_mismatch:
            return http::precondition_failed(
                "If-Match does not hold: the present version is " +
                std::to_string(answer.version.value()) +
                ". Read it again, and send the command with the ETag you find.");
        case AnswerKind::key_reused:
            return {.status = 422,
                    .code = "idempotency_key_reused",
                    .detail =
                        "This Idempotency-Key already belongs to another request (another "
                        "body or If-Match). Use a fresh key for a new request."};
        case AnswerKind::cancelled:
            return http::conflict("command_cancelled",
                                  "The command was cancelled before it ran, and never will run. "
                                  "Send it with a fresh Idempotency-Key if it is still wanted.");
        case AnswerKind::overloaded:
            return http::unavailable("overloaded",
                                     "Too many commands are waiting; this one was not tried. "
                                     "Send it again later.");
        case AnswerKind::timed_out:
            return http::unavailable("timed_out",
                                     "The command was not done in time, and will not be. Send it "
                                     "again.");
        case AnswerKind::outcome_unknown:
            return http::outcome_unknown(request, eventstore::to_text(answer.id.value()));
        case AnswerKind::corrupt:
            return {.status = 500,
                    .code = "stream_corrupt",
                    .detail = "A stored event that this command depends on cannot be read: " +
                              answer.refusal.detail + "."};
        case AnswerKind::invalid:
            // Why is the database's own text, which is not for clients.
            return http::bad_request("data_refused", "The store refuses this data.");
        case AnswerKind::done:
            break;
    }
    return http::internal_error();
}

// Of what this process knows now, and of what the client knew.
http::Token token_now(const Services& services, const std::optional<http::Token>& known) {
    auto token = http::Token::nothing_of(services.store);
    token.heads = services.heads->heads();
    if (known) token.merge(*known);
    return token;
}

http::Response done(const CommandSpec& spec, const Answer& answer, int status,
                    eventstore::Version version, std::string body) {
    const std::string id(answer.stream.id());
    auto response = http::json_response(status, std::move(body));
    response.with("ETag", http::etag(version));
    if (!spec.location.empty()) {
        response.with("Location", spec.location + id.substr(0, id.find('.')));
    }
    if (answer.replayed) response.with("Idempotency-Replayed", "true");
    return response;
}

http::Response done(const CommandSpec& spec, const Answer& answer) {
    const Done body{.id = std::string(answer.stream.id()), .version = answer.version.value()};
    return done(spec, answer, spec.status, answer.version, json::to_text(body));
}

http::Response with_command(http::Response response, const Answer& answer,
                            const http::Token& token) {
    response.with(std::string(http::command_header), eventstore::to_text(answer.id.value()));
    response.with("Skald-Token", token.encode());
    return response;
}

// The wait for what the command came to, until the client, or the time for its request, is over it.
std::shared_ptr<const http::Awaited> awaited_of(const Answering& answering, const Answer& answer) {
    const auto& request = *answering.request;
    auto ask = [&services = answering.services, &spec = answering.spec, known = answering.known,
                wait = *answering.wait, answer, ask_outcome = answering.spec.outcome(answer)](
                   const http::Request&) -> Result<http::Response, http::NotYet> {
        if (*services.draining) return unexpected(http::NotYet::give_up);
        auto outcome = ask_outcome();
        if (!outcome) return unexpected(outcome.error());
        auto token = token_now(services, known);
        token.merge(answer.heads);
        auto seen = http::Token::nothing_of(services.store);
        seen.heads = std::move(outcome->heads);
        token.merge(seen);
        auto response = done(spec, answer, 201, outcome->version, std::move(outcome->body));
        response.with("Preference-Applied", "wait=" + std::to_string(wait.count()));
        return with_command(std::move(response), answer, token);
    };
    return std::make_shared<const http::Awaited>(
        http::Awaited{.ask = std::move(ask),
                      .until = std::min(request.begun + *answering.wait, request.deadline)});
}

void send(const Answering& answering, const Answer& answer) {
    const auto& [services, spec, request, known, wait, respond] = answering;
    auto response = answer_of(services, spec, known, *request, answer);
    if (wait && spec.outcome && answer.kind == AnswerKind::done)
        response.awaited = awaited_of(answering, answer);
    respond(std::move(response));
}

http::Pairs headers_of(const Services& services, const eventstore::CommandId& id,
                       const std::optional<http::Token>& known) {
    return {{std::string(http::command_header), eventstore::to_text(id.value())},
            {"Skald-Token", token_now(services, known).encode()}};
}

}  // namespace

commands::CommandContext context_of(const Services& services, const http::Request& request,
                                    const http::CommandEnvelope& envelope) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {
        .id = envelope.key.id,
        .fingerprint = envelope.key.fingerprint,
        .id_from_outside = envelope.key.from_outside,
        .if_match = envelope.if_match.version,
        .principal = request.principal,
        .traceparent = request.trace.traceparent(),
        .at = kernel::Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(now).count()),
        .deadline = std::min(request.deadline, http::Clock::now() + services.command_time_max)};
}

http::Response answer_of(const Services& services, const CommandSpec& spec,
                         const std::optional<http::Token>& known, const http::Request& request,
                         const Answer& answer) {
    auto token = token_now(services, known);
    token.merge(answer.heads);
    auto response = answer.kind == AnswerKind::done
                        ? done(spec, answer)
                        : http::to_response(problem_of(request, answer), request.trace);
    return with_command(std::move(response), answer, token);
}

namespace detail {

eventstore::Reply reply_to(const Services& services, const CommandSpec& spec,
                           const std::shared_ptr<http::Request>& request,
                           http::CommandEnvelope& envelope, http::Respond respond) {
    request->answer_headers = [&services, id = envelope.key.id, known = envelope.token] {
        return headers_of(services, id, known);
    };
    const auto answering = std::make_shared<const Answering>(Answering{
        services, spec, request, std::move(envelope.token), envelope.wait, std::move(respond)});
    return [answering](const Answer& answer) { send(*answering, answer); };
}

std::optional<http::Problem> fault_of(const CommandSpec& spec, const http::Request& request,
                                      const http::CommandEnvelope& envelope) {
    if (!spec.target.empty()) {
        const auto& id = request.path_parameters.front().second;
        const bool named = spec.numbered ? kernel::is_numbered_id(id) : kernel::is_id(id);
        if (!named) return no_such(spec.target, id);
        const auto& part = request.path_parameters.back().second;
        if (!spec.part.empty() && !kernel::is_id(part)) return no_such(spec.part, part);
    }
    if (envelope.if_match.with_digest && !spec.digest_in_etag) {
        return http::precondition_failed(
            "If-Match does not hold: nothing here has this ETag. Read it again, and send the "
            "command with the ETag you find.");
    }
    if (!spec.target.empty()) return std::nullopt;
    if (spec.location.empty() || !envelope.if_match.exists) return std::nullopt;
    return http::precondition_failed(
        "If-Match: * asks that the thing exists, and this request creates it. Leave it out.");
}

void refuse(const Services& services, const http::Request& request, http::Problem problem,
            const eventstore::CommandId& id, const http::Respond& respond) {
    auto headers = headers_of(services, id, std::nullopt);
    if (problem.status == 400) headers.erase(headers.begin());  // no command was made of it
    problem.headers = std::move(headers);
    respond(http::to_response(problem, request.trace));
}

}  // namespace detail

http::AnswerDoc done_doc(const CommandSpec& spec, std::string description) {
    return {
        .status = spec.status, .description = std::move(description), .body = json::shape<Done>()};
}

}  // namespace skald::routes
