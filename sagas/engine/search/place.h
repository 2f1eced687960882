// For tests: a place that a search comes to, the saga and the model world around it, and what must
// never be at any place.
#pragma once

#include <algorithm>
#include <any>
#include <compare>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sagas/engine/react.h"

namespace skald::sagas::testing {

// A command's receipt, or a call's entry in the world's books.
enum class Fate { none, ran, refused, cancelled };

// A command of a step, or what undoes it. `n` tells one try of it from the next.
struct Sent {
    std::string step;
    int item = 0;
    bool undo = false;
    int n = 1;
    auto operator<=>(const Sent&) const = default;
    std::string name() const {
        return step + "." + std::to_string(item) + (undo ? ".undo" : "") + "#" + std::to_string(n);
    }
};

struct Place {
    saga::State saga;
    std::any beside;  // the companions' states
    std::map<Sent, Fate> receipts;
    std::set<Sent> sent;                        // commands that may still run
    std::map<std::string, Fate> books;          // by key: "step", "step.undo", "step@1"
    std::map<std::string, std::set<int>> wire;  // by key: attempts whose requests may still arrive
    std::map<std::string, Input> known;         // answers that the driver holds, by their names
    int repairs = 0;
    int undo_refusals = 0;

    // Of a call, under any of its keys.
    bool on_wire(const std::string& call) const {
        return std::ranges::any_of(wire, [&](const auto& one) {
            return call_in(one.first) == call && !one.second.empty();
        });
    }
    std::size_t times(const std::string& call, Fate fate) const {
        return static_cast<std::size_t>(std::ranges::count_if(books, [&](const auto& one) {
            return call_in(one.first) == call && one.second == fate;
        }));
    }
    bool ran(const std::string& call) const { return times(call, Fate::ran) > 0; }
    // The call that a key is of.
    static std::string call_in(const std::string& key) { return key.substr(0, key.find('@')); }
};

// What tells two states of a saga apart, but for the time of day.
inline std::string key_of(const saga::State& saga) {
    std::string text;
    const auto add = [&](std::int64_t n) { text += std::to_string(n) + ","; };
    add(static_cast<int>(saga.phase));
    if (saga.code.starts_with("impossible_outcome")) text += "!";
    if (saga.current) text += saga.current->step + (saga.current->undo ? "-" : "+");
    for (const auto& record : saga.steps) {
        text += record.name;
        add(static_cast<int>(record.status));
        add(record.undo_round);
        for (const auto item : record.items) add(static_cast<int>(item));
        for (const auto tries : record.tries) add(tries);
        for (const auto* attempts : {&record.forward, &record.undo}) {
            add(attempts->count);
            if (attempts->refusals > 0) add(attempts->refusals);
            if (attempts->series > 0) text += "@" + std::to_string(attempts->series);
            if (attempts->unknown) text += "u";
            if (!attempts->open) continue;
            // Whether it ends before the step's own deadline is all that its time comes to.
            const bool late = saga.current && attempts->deadline > saga.current->deadline;
            text += late ? "l" : "o";
        }
    }
    for (const auto& [name, code] : saga.signals) text += name + "=" + code + ";";
    return text;
}

inline std::string key_of(const Place& place) {
    std::string text = key_of(place.saga) + "|";
    const auto add = [&](const std::string& name, Fate fate) {
        text += name + std::to_string(static_cast<int>(fate)) + ";";
    };
    for (const auto& [command, fate] : place.receipts) add(command.name(), fate);
    for (const auto& command : place.sent) text += command.name() + "!";
    for (const auto& [call, fate] : place.books) add("$" + call, fate);
    for (const auto& [call, attempts] : place.wire)
        for (const auto n : attempts) text += call + "~" + std::to_string(n);
    for (const auto& [name, input] : place.known) text += name + "?";
    return text + std::to_string(place.repairs) + std::to_string(place.undo_refusals);
}

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
        return place.ran(name) ? !place.ran(name + ".undo") : place.on_wire(name);
    }
    for (const auto& [command, fate] : place.receipts) {
        if (command.step != name || command.undo || fate != Fate::ran) continue;
        if (std::ranges::none_of(place.receipts, [&](const auto& one) {
                return one.first.step == name && one.first.item == command.item && one.first.undo &&
                       one.second == Fate::ran;
            }))
            return true;
    }
    return std::ranges::any_of(place.sent, [&](const Sent& command) {
        return command.step == name && !command.undo && !place.receipts.contains(command);
    });
}

// What must never be.
inline std::vector<std::string> faults_of(const Process& process, const Place& place) {
    const auto& definition = process.definition();
    std::vector<std::string> faults;
    for (const auto& [key, fate] : place.books) {
        const auto name = Place::call_in(key);
        if (place.times(name, Fate::ran) > 1) faults.push_back(name + " ran twice");
        if (!name.ends_with(".undo") || fate != Fate::ran) continue;
        if (!place.ran(name.substr(0, name.size() - 5)))
            faults.push_back(name + " undid what was never done");
    }
    if (place.saga.code.starts_with("impossible_outcome")) faults.push_back(place.saga.code);
    const auto phase = place.saga.phase;
    if (phase == saga::Phase::forward || phase == saga::Phase::undoing) {
        if (effects(process, place.saga).empty() && !next_due(process, place.saga))
            faults.emplace_back("nothing is wanted, and no deadline is set");
    }
    if (!saga::ended(phase)) return faults;
    if (!effects(process, place.saga).empty() || next_due(process, place.saga))
        faults.emplace_back("something is wanted after the end");
    const auto left = residue(definition, place.saga);
    for (const auto& step : definition.steps) {
        if (step.acquires == 0 || !holds(place, step)) continue;
        const std::string name(step.name);
        const bool listed = std::ranges::any_of(
            left, [&](const std::string& line) { return line.starts_with(name + ":"); });
        if (phase == saga::Phase::undone)
            faults.push_back("undone, and " + name + " is still held");
        if (settled(definition, place, step)) continue;
        if (phase == saga::Phase::abandoned && !listed)
            faults.push_back("given up, and " + name + " is not listed");
        if (phase == saga::Phase::completed)
            faults.push_back("complete, and " + name + " has no owner");
    }
    return faults;
}

}  // namespace skald::sagas::testing
