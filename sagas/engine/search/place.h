// For tests: a place that a search comes to, the saga and the model world around it, and what must
// never be at any place.
#pragma once

#include <algorithm>
#include <any>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sagas/engine/react.h"

namespace skald::sagas::testing {

// A command's receipt, or a call's entry in the world's books.
enum class Fate { none, ran, refused, cancelled };

struct Place {
    saga::State saga;
    std::any beside;                       // the companions' states
    std::map<std::string, Fate> receipts;  // "step.item" and "step.item.undo"
    std::map<std::string, Fate> books;     // "step" and "step.undo": calls
    std::map<std::string, int> wire;       // requests of calls that may still arrive
    std::set<std::string> sent;            // commands that may still run
    std::set<std::string> known;           // answers on their way to the saga
    bool aborted = false;
    int repairs = 0;
    int depth = 0;
};

// Whether a step that settles what this one acquired is done.
inline bool settled(const Definition& definition, const Place& place, const Step& acquired) {
    for (const auto& step : definition.steps) {
        const auto* record = place.saga.find(step.name);
        if ((step.settles & acquired.acquires) != 0 && record != nullptr &&
            record->status == saga::StepStatus::done)
            return true;
    }
    return false;
}

// Whether the world holds something of this step, or may come to.
inline bool holds(const Place& place, const Step& step) {
    const std::string name(step.name);
    if (step.kind == StepKind::call) {
        const auto done = place.books.find(name);
        const auto undone = place.books.find(name + ".undo");
        const auto on_wire = place.wire.find(name);
        const bool ran = done != place.books.end() && done->second == Fate::ran;
        const bool may =
            done == place.books.end() && on_wire != place.wire.end() && on_wire->second > 0;
        return may || (ran && (undone == place.books.end() || undone->second != Fate::ran));
    }
    for (const auto& [command, fate] : place.receipts) {
        if (!command.starts_with(name + ".") || command.ends_with(".undo")) continue;
        if (fate == Fate::ran && !place.receipts.contains(command + ".undo")) return true;
    }
    return std::ranges::any_of(place.sent, [&](const std::string& command) {
        return command.starts_with(name + ".") && !command.ends_with(".undo") &&
               !place.receipts.contains(command);
    });
}

// What must never be.
inline std::vector<std::string> faults_of(const Definition& definition, const Place& place) {
    std::vector<std::string> faults;
    for (const auto& [name, fate] : place.books) {
        if (!name.ends_with(".undo") || fate != Fate::ran) continue;
        const auto forward = place.books.find(name.substr(0, name.size() - 5));
        if (forward == place.books.end() || forward->second != Fate::ran)
            faults.push_back(name + " undid what was never done");
    }
    if (place.saga.code.starts_with("impossible_outcome")) faults.push_back(place.saga.code);
    if (!saga::ended(place.saga.phase)) return faults;
    const auto left = residue(definition, place.saga);
    for (const auto& step : definition.steps) {
        if (step.acquires == 0 || !holds(place, step)) continue;
        const std::string name(step.name);
        const bool listed = std::ranges::any_of(
            left, [&](const std::string& line) { return line.starts_with(name + ":"); });
        if (place.saga.phase == saga::Phase::undone)
            faults.push_back("undone, and " + name + " is still held");
        if (settled(definition, place, step)) continue;
        if (place.saga.phase == saga::Phase::abandoned && !listed)
            faults.push_back("given up, and " + name + " is not listed");
        if (place.saga.phase == saga::Phase::completed)
            faults.push_back("complete, and " + name + " has no owner");
    }
    return faults;
}

}  // namespace skald::sagas::testing
