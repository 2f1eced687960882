#include "api/saga_views/views.h"

#include "api/json/time.h"
#include "domain/kernel/enum_name.h"
#include "sagas/operator/timeline.h"

namespace skald::saga_views {
namespace {

using kernel::name_of;

std::string shown(kernel::Timestamp time) { return json::format_time_us(time.value()); }

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

SagaStepView view_of(const saga::StepRecord& record) {
    SagaStepView view{.name = record.name,
                      .status = std::string(name_of(record.status)),
                      .commands = {},
                      .attempts = record.forward.count,
                      .undo_attempts = record.undo.count,
                      .uncertain = record.forward.open || record.forward.unknown ||
                                   record.undo.open || record.undo.unknown,
                      .code = record.code,
                      .reference = record.reference};
    for (const auto item : record.items) view.commands.emplace_back(name_of(item));
    return view;
}

PlannedView view_of(const sagas::PlannedRepair& planned) {
    const bool seen = planned.seen.front().second > eventstore::Version(0);
    const auto phase = [&](const sagas::Standing& standing) {
        return seen ? std::optional(std::string(name_of(standing.phase))) : std::nullopt;
    };
    return {.stream = planned.stream.text(),
            .version = planned.seen.front().second.value(),
            .phase = phase(planned.before),
            .step = unless_empty(planned.before.step),
            .code = planned.before.code,
            .refused = unless_empty(planned.refused.code),
            .next_phase = phase(planned.after),
            .next_step = unless_empty(planned.after.step),
            .to_undo = planned.to_undo,
            .stores = planned.beside,
            .holds = planned.residue,
            .what = sagas::sentence_of(planned)};
}

}  // namespace

SagaView view_of(const sagas::Sight& sight, kernel::Timestamp at) {
    const auto& state = sight.state;
    SagaView view{.stream = sight.stream().text(),
                  .saga = state.saga,
                  .subject = state.subject,
                  .definition = state.definition,
                  .parent = unless_empty(state.parent),
                  .phase = std::string(name_of(state.phase)),
                  .step = {},
                  .undo = state.current && state.current->undo,
                  .code = state.code,
                  .version = sight.version().value(),
                  .started_at = shown(state.started_at),
                  .since = shown(state.since),
                  .deadline = shown(state.deadline),
                  .step_deadline = {},
                  .due_at = {},
                  .steps = {},
                  .holds = sagas::residue(sight.process->definition(), state),
                  .wants = {},
                  .repairs = {},
                  .timeline = {}};
    if (state.current) {
        view.step = state.current->step;
        view.step_deadline = shown(state.current->deadline);
    }
    if (const auto due = sagas::next_due(*sight.process, state)) view.due_at = shown(*due);
    for (const auto& record : state.steps) view.steps.push_back(view_of(record));
    for (const auto& effect : sagas::effects(*sight.process, state))
        view.wants.push_back(sagas::words_of(effect));
    for (const auto& [action, planned] : sagas::possible_repairs(sight, at))
        view.repairs.push_back({std::string(name_of(action)), unless_empty(planned.refused.code),
                                sagas::sentence_of(planned)});
    for (const auto& entry : sagas::timeline(sight.history, shown))
        view.timeline.push_back({entry.version.value(), shown(entry.at), entry.text});
    return view;
}

PlanView view_of(const sagas::Plan& plan) {
    PlanView view{.plan = plan.hash,
                  .action = std::string(name_of(plan.repair.action)),
                  .reason = plan.repair.reason,
                  .reference = plan.repair.reference,
                  .possible = static_cast<std::int64_t>(plan.possible()),
                  .sagas = {}};
    for (const auto& planned : plan.sagas) view.sagas.push_back(view_of(planned));
    return view;
}

ApplicationView view_of(const std::string& plan, const std::vector<sagas::Applied>& applied) {
    ApplicationView view{.plan = plan, .sagas = {}};
    for (const auto& one : applied) {
        switch (one.as) {
            case sagas::AppliedAs::repaired:
                ++view.repaired;
                break;
            case sagas::AppliedAs::repeated:
                ++view.repeated;
                break;
            case sagas::AppliedAs::refused:
                ++view.refused;
                break;
            case sagas::AppliedAs::unknown:
                ++view.unknown;
                break;
        }
        view.sagas.push_back({one.stream.text(), std::string(name_of(one.as)), one.version.value(),
                              one.code, one.detail});
    }
    return view;
}

}  // namespace skald::saga_views
