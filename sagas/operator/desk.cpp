#include "sagas/operator/desk.h"

#include <future>

#include "sagas/engine/saga_command.h"
#include "sagas/known/known.h"

namespace skald::sagas {
namespace {

using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::Refusal;
using eventstore::StreamName;

constexpr std::size_t chunk = 64;

std::string discriminator_of(const std::string& hash) { return "repair " + hash; }

Applied applied_of(const Answer& answer) {
    Applied applied{answer.stream, AppliedAs::refused, answer.version, answer.refusal.code,
                    answer.refusal.detail};
    switch (answer.kind) {
        case AnswerKind::done:
            applied.as = answer.replayed ? AppliedAs::repeated : AppliedAs::repaired;
            break;
        case AnswerKind::outcome_unknown:
            applied.as = AppliedAs::unknown;
            applied.code = "outcome_unknown";
            applied.detail = "The store did not answer. Apply the plan again: it tells.";
            break;
        case AnswerKind::overloaded:
        case AnswerKind::timed_out:
            applied.code = "timed_out";
            applied.detail = "It was not done in time, and is not done. Apply the plan again.";
            break;
        case AnswerKind::refused:
            break;
        default:
            // Nobody cancels a repair or takes its id, so this is what cannot be read or stored.
            if (applied.code.empty()) applied.code = "not_done";
    }
    return applied;
}

}  // namespace

Desk::Desk(Registry registry) : registry_(std::move(registry)), folds_(folds_with(registry_)) {}

Plan Desk::plan(eventstore::Log& log, Repair repair, std::span<const StreamName> streams,
                kernel::Timestamp at) const {
    std::vector<PlannedRepair> sagas;
    for (const auto& stream : streams) {
        auto sight = look(log, stream);
        sagas.push_back(sight ? planned(*sight, repair, at)
                              : not_planned(stream, std::move(sight.error())));
    }
    return plan_of(std::move(repair), std::move(sagas));
}

eventstore::Command Desk::command_of(const Plan& plan, const PlannedRepair& saga,
                                     kernel::Timestamp at) const {
    auto command = tell(registry_, saga.stream, plan.repair, at, discriminator_of(plan.hash),
                        {saga.correlation_id, {}}, std::make_shared<Told>());
    command.decide = [decide = std::move(command.decide),
                      seen = saga.seen](const eventstore::States& states) -> eventstore::Decided {
        for (std::size_t i = 0; i < seen.size(); ++i) {
            if (states.version(i) == seen[i].second) continue;
            return Refusal{"moved",
                           seen[i].first.text() + " is at version " +
                               std::to_string(states.version(i).value()) + ", and was at version " +
                               std::to_string(seen[i].second.value()) +
                               " when this was planned. Plan again.",
                           ""};
        }
        return decide(states);
    };
    return command;
}

std::vector<Applied> Desk::apply(const Plan& plan, const Tools& tools) const {
    std::vector<Applied> all;
    for (std::size_t begin = 0; begin < plan.sagas.size(); begin += chunk) {
        const std::span rest(plan.sagas.data() + begin, plan.sagas.size() - begin);
        const auto at = tools.now();
        const auto deadline = eventstore::Clock::now() + tools.patience;
        std::vector<std::future<Answer>> answers;
        for (const auto& saga : rest.first(std::min(rest.size(), chunk))) {
            auto promise = std::make_shared<std::promise<Answer>>();
            answers.push_back(promise->get_future());
            if (!saga.possible()) {
                promise->set_value(
                    {.kind = AnswerKind::refused, .stream = saga.stream, .refusal = saga.refused});
                continue;
            }
            auto command = command_of(plan, saga, at);
            command.deadline = deadline;
            tools.executor.submit(std::move(command), [promise](Answer answer) {
                promise->set_value(std::move(answer));
            });
        }
        for (auto& answer : answers) all.push_back(applied_of(answer.get()));
        if (tools.progress) tools.progress(all.size(), plan.sagas.size());
    }
    return all;
}

std::vector<Applied> Desk::applied_before(eventstore::Log& log, const std::string& hash,
                                          std::span<const StreamName> streams) {
    std::vector<Applied> all;
    for (const auto& stream : streams) {
        const auto receipt = log.receipt(telling_id(stream, discriminator_of(hash)));
        if (receipt && receipt->verdict == eventstore::Verdict::appended)
            all.push_back({stream, AppliedAs::repeated, receipt->version_after(), {}, {}});
    }
    return all;
}

}  // namespace skald::sagas
