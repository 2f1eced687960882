#include "api/routes/command_route.h"

#include <algorithm>
#include <chrono>

#include "api/json/write.h"
#include "domain/kernel/ids.h"

namespace skald::routes {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;
using http::Problem;

constexpr std::string_view not_found_suffix = "_not_found";

Problem refusal(const eventstore::Refusal& refusal) {
    if (refusal.code.ends_with(not_found_suffix)) {
        auto problem = http::not_found(refusal.detail);
        problem.code = refusal.code;
        return problem;
    }
    return http::conflict(refusal.code, refusal.detail, refusal.pointer);
}

Problem problem_of(const Answer& answer) {
    const auto id = eventstore::to_text(answer.id.value());
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
            return http::unavailable("outcome_unknown",
                                     "The store did not answer in time: the command may or may "
                                     "not have been done. Sending it again with the same "
                                     "Idempotency-Key settles it; GET /v1/commands/" +
                                         id + " tells once it was recorded.");
        case AnswerKind::corrupt:
            return {.status = 500,
                    .code = "stream_corrupt",
                    .detail = "A stored event that this command depends on cannot be read: " +
                              answer.refusal.detail + "."};
        case AnswerKind::invalid:
            return http::bad_request("data_refused",
                                     "The store refuses this data: " + answer.refusal.detail);
        case AnswerKind::done:
            break;
    }
    return http::internal_error();
}

http::Response done(const CommandSpec& spec, const Answer& answer) {
    const std::string id(answer.stream.id());
    auto response = http::json_response(
        spec.status, json::to_text(Done{.id = id, .version = answer.version.value()}));
    response.with("ETag", http::etag(answer.version));
    if (!spec.location.empty()) response.with("Location", spec.location + id);
    if (answer.replayed) response.with("Idempotency-Replayed", "true");
    return response;
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
                         const std::optional<http::Token>& known, const http::TraceContext& trace,
                         const Answer& answer) {
    auto token = http::Token::nothing_of(services.store);
    token.heads = services.heads->heads();
    if (known) token.merge(*known);
    token.merge(answer.heads);
    auto response = answer.kind == AnswerKind::done ? done(spec, answer)
                                                    : http::to_response(problem_of(answer), trace);
    response.with("Skald-Command", eventstore::to_text(answer.id.value()));
    response.with("Skald-Token", token.encode());
    return response;
}

namespace detail {

eventstore::Reply reply_to(const Services& services, const CommandSpec& spec,
                           std::shared_ptr<const http::Request> request,
                           std::optional<http::Token> known, http::Respond respond) {
    return [&services, spec, request = std::move(request), known = std::move(known),
            respond = std::move(respond)](Answer answer) {
        respond(answer_of(services, spec, known, request->trace, answer));
    };
}

std::optional<http::Problem> fault_of(const CommandSpec& spec, const http::Request& request,
                                      const http::CommandEnvelope& envelope) {
    if (!spec.target.empty()) {
        const auto& id = request.path_parameters.front().second;
        if (!kernel::is_id(id)) return no_such(spec.target, id);
    }
    if (spec.location.empty() || !envelope.if_match.exists) return std::nullopt;
    return http::precondition_failed(
        "If-Match: * asks that the thing exists, and this request creates it. Leave it out.");
}

void refuse(const http::Request& request, const http::Problem& problem,
            const http::Respond& respond) {
    respond(http::to_response(problem, request.trace));
}

}  // namespace detail

http::Problem no_such(std::string_view target, std::string_view id) {
    auto problem =
        http::not_found("There is no " + std::string(target) + " " + std::string(id) + ".");
    problem.code = std::string(target) + "_not_found";
    return problem;
}

http::AnswerDoc done_doc(const CommandSpec& spec, std::string description) {
    return {
        .status = spec.status, .description = std::move(description), .body = json::shape<Done>()};
}

}  // namespace skald::routes
