// What lies ahead of a saga: what it wants done, when a deadline passes, what would stay undone.
// Pure.
#include <algorithm>

#include "sagas/engine/mover.h"

namespace skald::sagas {

std::optional<Timestamp> next_due(const Process& process, const saga::State& state) {
    if (!under_way(state) || !state.current) return std::nullopt;
    auto due = state.current->deadline;
    if (state.phase == Phase::forward && !behind_pivot(process.definition(), state) &&
        process.definition().find(state.current->step)->otherwise == Otherwise::undo)
        due = std::min(due, state.deadline);
    const auto* record = state.find(state.current->step);
    for (const auto* attempts : {&record->forward, &record->undo})
        if (attempts->open) due = std::min(due, attempts->deadline);
    return due;
}

std::vector<Effect> effects(const Process& process, const saga::State& state) {
    if (!under_way(state) || !state.current) return {};
    const auto& current = *state.current;
    const auto& record = *state.find(current.step);
    std::vector<Effect> wanted;
    switch (process.definition().find(current.step)->kind) {
        case StepKind::commands:
            for (std::size_t i = 0; i < record.items.size(); ++i) {
                const bool waiting = record.items[i] == ItemStatus::waiting;
                const auto item = static_cast<std::int32_t>(i);
                if (current.undo) {
                    if (waiting) wanted.push_back({EffectKind::cancel, current.step, true, item});
                    if (record.items[i] == ItemStatus::done)
                        wanted.push_back({EffectKind::undo, current.step, true, item});
                } else if (waiting) {
                    wanted.push_back({EffectKind::send, current.step, false, item});
                }
            }
            break;
        case StepKind::call: {
            // What was begun forward must be known before it can be undone.
            const bool forward = !current.undo || record.forward.open || record.forward.unknown;
            const auto& attempts = forward ? record.forward : record.undo;
            if (attempts.open) break;
            wanted.push_back(
                {attempts.unknown ? EffectKind::ask : EffectKind::claim, current.step, !forward});
            break;
        }
        case StepKind::child:
            if (!current.undo) wanted.push_back({EffectKind::start_child, current.step});
            break;
        case StepKind::local:
        case StepKind::wait:
            break;
    }
    return wanted;
}

bool at_rest(const Process& process, const saga::State& state) {
    return !saga::ended(state.phase) && effects(process, state).empty() &&
           std::ranges::none_of(state.steps, [](const StepRecord& record) {
               return record.forward.open || record.undo.open;
           });
}

bool behind_pivot(const Definition& definition, const saga::State& state) {
    return std::ranges::any_of(state.steps, [&](const StepRecord& record) {
        const auto* step = definition.find(record.name);
        return step != nullptr && step->pivot && record.status == StepStatus::done;
    });
}

namespace {

std::vector<std::string> residue(const Definition& definition, const saga::State& state,
                                 Resources of, bool with_doubts) {
    Resources settled = 0;
    for (const auto& record : state.steps) {
        const auto* step = definition.find(record.name);
        if (step != nullptr && record.status == StepStatus::done) settled |= step->settles;
    }
    std::vector<std::string> lines;
    for (const auto& record : state.steps) {
        const auto* step = definition.find(record.name);
        if (step == nullptr || record.status == StepStatus::undone ||
            record.status == StepStatus::skipped)
            continue;
        const bool held = (step->acquires & of & ~settled) != 0;
        const bool uncertain = with_doubts && (record.forward.open || record.forward.unknown ||
                                               record.undo.open || record.undo.unknown);
        if (held || uncertain)
            lines.push_back(record.name + (uncertain ? ": may be under way" : ": held") +
                            (record.reference.empty() ? "" : ", reference " + record.reference));
    }
    return lines;
}

}  // namespace

std::vector<std::string> residue(const Definition& definition, const saga::State& state) {
    return residue(definition, state, ~Resources(0), true);
}

std::vector<std::string> residue(const Definition& definition, const saga::State& state,
                                 Resources of) {
    return residue(definition, state, of, false);
}

}  // namespace skald::sagas
