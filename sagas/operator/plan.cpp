#include "sagas/operator/plan.h"

#include <algorithm>

#include "domain/kernel/enum_name.h"

namespace skald::sagas {
namespace {

using eventstore::Refusal;

Standing standing_of(const saga::State& state) {
    return {state.phase, state.current ? state.current->step : "",
            state.current && state.current->undo, state.code};
}

std::vector<std::string> to_undo(const saga::State& state) {
    std::vector<std::string> steps;
    if (state.phase != saga::Phase::undoing) return steps;
    for (auto record = state.steps.rbegin(); record != state.steps.rend(); ++record)
        if (record->status != saga::StepStatus::undone &&
            record->status != saga::StepStatus::skipped)
            steps.push_back(record->name);
    return steps;
}

std::string explained(const std::string& code, const Repair& repair) {
    if (code == "not_stuck") return "It is not stuck: only what waits for an operator is repaired.";
    if (code == "undo_cannot_be_refused")
        return "It is being undone, which nobody refuses. Record it as done, or try it again.";
    if (code == "note_missing")
        return "Later steps go by what this one notes. Try it again, undo it, or give it up.";
    if (code.starts_with("outcome_unknown"))
        return "An attempt of it may be under way. Record what became of it (record_done, "
               "record_refused), or have it asked for (retry).";
    if (code.starts_with("cannot_be_undone"))
        return "A step that nothing undoes is done. Go on, or give it up.";
    if (repair.action == RepairAction::record_done && repair.reference.empty())
        return "What stands beside it does not allow it without a reference.";
    return "What stands beside it does not allow it.";
}

// A saga goes by what its steps noted: past one that noted nothing it may find no way.
Reaction reaction_to(const Sight& sight, const Repair& repair, Companions& companions,
                     kernel::Timestamp at) {
    try {
        return react(*sight.process, sight.state, repair, companions, at);
    } catch (const std::exception&) {
        return unexpected(std::string("note_missing"));
    }
}

// For saying what would be: who records that something is done knows what it is called.
std::string any_reference(RepairAction action) {
    return action == RepairAction::record_done ? "?" : "";
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
    return text;
}

std::optional<Refusal> fault_of(const std::string& name, const std::string& text, bool required) {
    if (required && text.empty()) return Refusal{"missing", "is required", name};
    if (text.size() > repair_text_bytes_max)
        return Refusal{"too_long",
                       "has at most " + std::to_string(repair_text_bytes_max) + " bytes", name};
    const bool printable = std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
    if (!printable) return Refusal{"bad_form", "holds control characters: leave them out", name};
    return std::nullopt;
}

}  // namespace

std::vector<Refusal> faults_of(const Repair& repair) {
    std::vector<Refusal> faults;
    for (auto fault :
         {fault_of("reason", repair.reason, true), fault_of("actor", repair.actor, true),
          fault_of("reference", repair.reference, false)})
        if (fault) faults.push_back(*std::move(fault));
    if (!repair.reference.empty() && repair.action != RepairAction::record_done)
        faults.push_back({"unfit", "goes with record_done only", "reference"});
    return faults;
}

PlannedRepair not_planned(const eventstore::StreamName& stream, Refusal refused) {
    PlannedRepair planned;
    planned.stream = stream;
    planned.seen = {{stream, eventstore::Version(0)}};
    planned.refused = std::move(refused);
    return planned;
}

PlannedRepair planned(const Sight& sight, const Repair& repair, kernel::Timestamp at) {
    PlannedRepair planned;
    planned.stream = sight.stream();
    planned.correlation_id = sight.correlation_id;
    std::vector<eventstore::States::Entry> entries;
    for (const auto& rest : sight.rests) {
        planned.seen.emplace_back(rest.stream, rest.version);
        entries.push_back({&rest.state, rest.version});
    }
    planned.before = planned.after = standing_of(sight.state);
    planned.residue = residue(sight.process->definition(), sight.state);
    const auto companions = sight.process->companions(eventstore::States(std::move(entries)), 1);
    const auto reaction = reaction_to(sight, repair, *companions, at);
    if (!reaction) {
        planned.refused = {reaction.error(), explained(reaction.error(), repair), ""};
        return planned;
    }
    const auto& repaired = std::get<saga::Repaired>(reaction->front());
    const auto after = saga::evolve(sight.state, repaired);
    planned.after = standing_of(after);
    planned.ended = repaired.move.ended;
    planned.to_undo = to_undo(after);
    planned.residue = residue(sight.process->definition(), after);
    planned.left = repaired.residue;
    const auto others = companions->events("");
    for (std::size_t i = 0; i < others.size(); ++i)
        for (const auto& event : others[i])
            planned.beside.push_back(sight.rests.at(i + 1).stream.text() + ": " + event.type);
    return planned;
}

std::size_t Plan::possible() const {
    return static_cast<std::size_t>(std::ranges::count_if(sagas, &PlannedRepair::possible));
}

Plan plan_of(Repair repair, std::vector<PlannedRepair> sagas) {
    std::ranges::sort(sagas, {}, &PlannedRepair::stream);
    const auto twice = std::ranges::unique(sagas, {}, &PlannedRepair::stream);
    sagas.erase(twice.begin(), twice.end());
    std::vector<std::string> parts{"repair", std::string(kernel::name_of(repair.action)),
                                   repair.reason, repair.reference};
    for (const auto& saga : sagas) {
        for (const auto& [stream, version] : saga.seen) {
            parts.push_back(stream.text());
            parts.push_back(std::to_string(version.value()));
        }
    }
    const auto hash =
        eventstore::derived_command_id(std::vector<std::string_view>(parts.begin(), parts.end()));
    return {std::move(repair), std::move(sagas), eventstore::to_text(hash.value())};
}

std::vector<std::pair<RepairAction, PlannedRepair>> possible_repairs(const Sight& sight,
                                                                     kernel::Timestamp at) {
    std::vector<std::pair<RepairAction, PlannedRepair>> all;
    for (const auto action :
         {RepairAction::retry, RepairAction::record_done, RepairAction::record_refused,
          RepairAction::skip, RepairAction::undo, RepairAction::abandon})
        all.emplace_back(
            action,
            planned(
                sight,
                {.action = action, .actor = {}, .reason = {}, .reference = any_reference(action)},
                at));
    return all;
}

std::string stale(const std::string& hash, std::size_t repaired_before) {
    return "The plan " + hash +
           " does not hold any more: a saga, or what stands beside it, moved since it was made "
           "(it may have been applied), or the arguments are others. Nothing was done now" +
           (repaired_before == 0 ? ""
                                 : "; " + std::to_string(repaired_before) +
                                       " of its sagas were repaired by it before") +
           ". Plan again.";
}

std::string sentence_of(const PlannedRepair& planned) {
    if (!planned.possible())
        return "cannot be: " + planned.refused.code + ". " + planned.refused.detail;
    std::vector<std::string> parts;
    for (const auto& end : planned.ended)
        parts.push_back(end.step + " is " + std::string(kernel::name_of(end.outcome)));
    const auto& after = planned.after;
    if (after.phase == saga::Phase::stuck) {
        parts.push_back("stuck again at " + after.step + ": " + after.code);
    } else if (saga::ended(after.phase)) {
        parts.push_back("ends " + std::string(kernel::name_of(after.phase)));
    } else if (!after.undo) {
        parts.push_back(after.step + " is begun");
    } else {
        parts.push_back("undoes " + joined(planned.to_undo, ", "));
    }
    if (!planned.beside.empty()) parts.push_back("stores " + joined(planned.beside, ", "));
    if (!planned.left.empty()) parts.push_back("leaves " + planned.left);
    return joined(parts, "; ");
}

}  // namespace skald::sagas
