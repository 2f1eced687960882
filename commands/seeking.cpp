#include "commands/seeking.h"

#include "commands/aggregate.h"

namespace skald::commands {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;

// Never leave this file.
constexpr const char* others_needed = "other_streams_needed";
constexpr const char* other_version = "other_version_present";

}  // namespace

eventstore::Command Seeking::blank() const {
    auto command = command_of(context_);
    command.if_match.reset();
    return command;
}

std::optional<eventstore::Refusal> Seeking::mismatch(eventstore::Version present) {
    present_ = present;
    if (!context_.if_match || *context_.if_match == present) return std::nullopt;
    return eventstore::Refusal{other_version, "", ""};
}

eventstore::Refusal Seeking::needs_others() { return {others_needed, "", ""}; }

void send(eventstore::Executor& executor, const std::shared_ptr<Seeking>& seeking,
          eventstore::Reply reply) {
    auto command = seeking->next();
    command.decide = [seeking, decide = std::move(command.decide)](
                         const eventstore::States& states) { return decide(states); };
    executor.submit(std::move(command),
                    [&executor, seeking, reply = std::move(reply)](Answer answer) {
                        const bool refused = answer.kind == AnswerKind::refused;
                        if (refused && answer.refusal.code == others_needed)
                            return send(executor, seeking, reply);
                        if (refused && answer.refusal.code == other_version) {
                            answer.kind = AnswerKind::version_mismatch;
                            answer.version = seeking->present_;
                            answer.refusal = {};
                        }
                        reply(std::move(answer));
                    });
}

}  // namespace skald::commands
