// For tests: walks every order in which things can happen to a saga, and looks at each place for
// what must never be. The saga's mind is the real one; the world around it is a model that may
// answer late, lose answers, run a command after its sender died, and refuse. A crash is what
// happens whenever an answer is lost and everything wanted is done again.
#pragma once

#include <algorithm>
#include <any>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "sagas/engine/react.h"
#include "sagas/engine/search/place.h"
#include "schemas/saga/codec.h"

namespace skald::sagas::testing {

struct SearchOptions {
    int attempts_max = 2;
    bool aborts = true;
    bool repairs = true;
    // Bugs that are planted to see them found.
    bool forget_the_cancelled = false;  // a cancelled command runs all the same
    bool believe_too_early = false;     // what is still on its way counts as never made
};

struct SearchReport {
    std::size_t places = 0;  // different ones
    std::size_t steps = 0;   // ways from one to another
    std::map<saga::Phase, std::size_t> ends;
    std::vector<std::string> faults;  // the first few, each with how to get there
};

// The companions of a search, over states that each place keeps.
struct Beside {
    std::any first;
    std::function<std::unique_ptr<Companions>(const std::any&)> open;
    std::function<std::any(const Companions&)> close;
    std::function<std::string(const std::any&)> key;
    // What must never be of them; empty if all is well.
    std::function<std::string(const std::any&, saga::Phase)> fault;
    // What comes from outside: its name, and what it does; nothing: not now.
    std::function<std::vector<std::pair<std::string, std::any>>(const std::any&)> outside;
};

class Search {
  public:
    Search(const Process& process, SearchOptions options, Beside beside = {})
        : process_(process), options_(options), beside_(std::move(beside)) {}

    SearchReport run(const std::string& input, const std::string& subject = "s") {
        Place first;
        first.beside = beside_.first;
        if (!take(first, Start{subject, input, ""})) return report_;
        visit(first, {});
        return report_;
    }

  private:
    using Path = std::vector<std::string>;

    // Lets the saga hear something; true when it moved.
    bool take(Place& place, const Input& input, bool at_due = false) {
        NoCompanions none;
        const auto real = beside_.open ? beside_.open(place.beside) : nullptr;
        Companions& companions = real ? *real : none;
        const auto due = next_due(process_, place.saga);
        const auto at = at_due && due ? *due : place.saga.since;
        const auto reaction = react(process_, place.saga, input, companions, at);
        if (!reaction) return false;
        for (const auto& event : *reaction) {
            // What is stored is what is folded.
            const auto stored = schemas::saga::encode(event);
            const auto read =
                schemas::saga::decode(stored.type, stored.schema_version, stored.data);
            if (!read)
                report_.faults.push_back("an event is not read again: " + read.error().detail);
            else if (*read != event)
                report_.faults.push_back("an event is read as another: " + stored.type);
            saga::apply(place.saga, event);
        }
        if (real && !reaction->empty()) place.beside = beside_.close(*real);
        return !reaction->empty();
    }

    std::string key(const Place& p) const {
        std::string text = beside_.key ? beside_.key(p.beside) : "";
        const auto add = [&](const auto& part) { text += std::string(part) + ";"; };
        add(std::to_string(int(p.saga.phase)));
        if (p.saga.current) add(p.saga.current->step + (p.saga.current->undo ? "-" : "+"));
        for (const auto& r : p.saga.steps) {
            add(r.name + std::to_string(int(r.status)));
            for (const auto item : r.items) text += std::to_string(int(item));
            for (const auto* a : {&r.forward, &r.undo})
                text +=
                    "a" + std::to_string(a->count) + (a->open ? "o" : "") + (a->unknown ? "u" : "");
        }
        for (const auto& [name, code] : p.saga.signals) add(name + code);
        for (const auto& [name, fate] : p.receipts) add(name + std::to_string(int(fate)));
        for (const auto& [name, fate] : p.books) add(name + "$" + std::to_string(int(fate)));
        for (const auto& [name, n] : p.wire)
            if (n > 0) add(name + "~" + std::to_string(n));
        for (const auto& name : p.sent) add(name + "!");
        for (const auto& name : p.known) add(name + "?");
        add(std::to_string(p.aborted) + std::to_string(p.repairs));
        return text;
    }

    void fault(const Path& path, const std::string& what) {
        if (report_.faults.size() >= 5) return;
        std::string text = what + "\n ";
        for (const auto& step : path) text += " " + step;
        report_.faults.push_back(text);
    }

    void visit(const Place& first, Path path) {
        if (!seen_.insert(key(first)).second) return;
        struct Frame {
            Place place;
            Path path;
        };
        std::vector<Frame> open{{first, std::move(path)}};
        while (!open.empty() && report_.faults.empty()) {
            auto [place, way] = std::move(open.back());
            open.pop_back();
            ++report_.places;
            judge(place, way);
            bool progress = false;
            const auto go = [&](const std::string& name, const Place& to) {
                ++report_.steps;
                progress = true;
                if (!seen_.insert(key(to)).second) return;
                auto longer = way;
                longer.push_back(name);
                open.push_back({to, std::move(longer)});
            };
            steps_from(place, go);
            if (!progress && !saga::ended(place.saga.phase)) fault(way, "nothing can happen");
        }
    }

    template <class Go>
    void steps_from(const Place& place, const Go& go) {
        for (const auto& effect : effects(process_, place.saga)) effect_steps(place, effect, go);
        for (const auto& name : place.sent) command_runs(place, name, go);
        for (const auto& [name, n] : place.wire)
            if (n > 0) call_arrives(place, name, go);
        for (const auto& name : place.known) {
            auto to = place;
            to.known.erase(name);
            go("lost:" + name, to);
            hear(to, name);
            go("heard:" + name, to);
        }
        if (next_due(process_, place.saga)) {
            auto to = place;
            if (take(to, Due{}, true)) go("deadline", to);
        }
        const auto* current =
            place.saga.current ? process_.definition().find(place.saga.current->step) : nullptr;
        if (current != nullptr && !current->signal.empty()) {
            for (const char* code : {"", "failed"}) {
                if (current->kind == StepKind::wait && *code != 0) continue;
                auto to = place;
                if (take(to, Signal{std::string(current->signal), code}))
                    go(std::string("signal") + code, to);
            }
        }
        if (beside_.outside) {
            for (auto& [name, beside] : beside_.outside(place.beside)) {
                auto to = place;
                to.beside = std::move(beside);
                go(name, to);
            }
        }
        if (options_.aborts && !place.aborted) {
            auto to = place;
            to.aborted = true;
            take(to, Abort{"cancelled"});
            go("abort", to);
        }
        if (options_.repairs && place.saga.phase == saga::Phase::stuck) {
            for (const auto action :
                 {RepairAction::retry, RepairAction::undo, RepairAction::abandon}) {
                if (place.repairs > 0 && action != RepairAction::abandon) continue;
                auto to = place;
                ++to.repairs;
                if (take(to, Repair{action, "op", "why"}))
                    go("repair" + std::to_string(int(action)), to);
            }
        }
    }

    static std::string name_of(const Effect& effect, bool undo) {
        return effect.step + "." + std::to_string(effect.item) + (undo ? ".undo" : "");
    }

    template <class Go>
    void effect_steps(const Place& place, const Effect& effect, const Go& go) {
        auto to = place;
        const auto call = effect.step + (effect.undo ? ".undo" : "");
        const auto attempts = [&] {
            const auto* record = place.saga.find(effect.step);
            return (effect.undo ? record->undo : record->forward).count;
        };
        switch (effect.kind) {
            case EffectKind::send:
            case EffectKind::undo: {
                const auto name = name_of(effect, effect.kind == EffectKind::undo);
                if (place.receipts.contains(name)) {
                    to.known.insert(name);
                } else {
                    to.sent.insert(name);
                }
                if (key(to) != key(place)) go("send:" + name, to);
                return;
            }
            case EffectKind::cancel: {
                const auto name = name_of(effect, false);
                const auto found = place.receipts.find(name);
                if (found == place.receipts.end()) {
                    if (options_.forget_the_cancelled) {
                        to.known.insert(name + ".undo");
                    } else {
                        to.receipts[name] = Fate::cancelled;
                    }
                    if (key(to) != key(place)) go("cancel:" + name, to);
                } else if (found->second == Fate::ran) {
                    const auto undo = name_of(effect, true);
                    if (place.receipts.contains(undo)) {
                        to.known.insert(undo);
                    } else {
                        to.sent.insert(undo);
                    }
                    if (key(to) != key(place)) go("send:" + undo, to);
                } else {
                    to.known.insert(name + ".undo");
                    if (key(to) != key(place)) go("cancelled:" + name, to);
                }
                return;
            }
            case EffectKind::claim:
                if (attempts() >= options_.attempts_max) return;
                if (!take(to, Claim{effect.step, effect.undo, false})) return;
                ++to.wire[call];
                go("call:" + call, to);
                return;
            case EffectKind::ask: {
                const auto found = place.books.find(call);
                const auto on_wire = place.wire.find(call);
                AttemptResult result{effect.step, effect.undo, saga::Outcome::not_sent,
                                     "",          "",          true};
                if (found != place.books.end()) {
                    result.outcome =
                        found->second == Fate::ran ? saga::Outcome::done : saga::Outcome::refused;
                    result.code = found->second == Fate::ran ? "" : "declined";
                    result.reference = found->second == Fate::ran ? "ref" : "";
                } else if (!options_.believe_too_early && on_wire != place.wire.end() &&
                           on_wire->second > 0) {
                    if (attempts() >= options_.attempts_max) return;
                    if (!take(to, Claim{effect.step, effect.undo, true})) return;
                    ++to.wire[call];
                    go("call_again:" + call, to);
                    return;
                }
                if (take(to, result)) go("ask:" + call, to);
                return;
            }
            case EffectKind::start_child:
                return;  // its end is a signal
        }
    }

    template <class Go>
    void command_runs(const Place& place, const std::string& name, const Go& go) {
        auto to = place;
        to.sent.erase(name);
        if (place.receipts.contains(name)) {
            to.known.insert(name);
            return go("again:" + name, to);
        }
        const bool undo = name.ends_with(".undo");
        for (const auto fate : {Fate::ran, Fate::refused}) {
            if (undo && fate == Fate::refused) continue;
            to.receipts[name] = fate;
            to.known.insert(name);
            go((fate == Fate::ran ? "ran:" : "refused:") + name, to);
        }
    }

    template <class Go>
    void call_arrives(const Place& place, const std::string& name, const Go& go) {
        auto to = place;
        --to.wire[name];
        go("request_lost:" + name, to);
        if (place.books.contains(name)) {
            to.known.insert("$" + name);
            return go("repeat:" + name, to);
        }
        for (const auto fate : {Fate::ran, Fate::refused}) {
            to.books[name] = fate;
            to.known.insert("$" + name);
            go((fate == Fate::ran ? "charged:" : "declined:") + name, to);
        }
    }

    void hear(Place& to, const std::string& name) {
        if (name.starts_with("$")) {
            const auto call = name.substr(1);
            const bool undo = call.ends_with(".undo");
            const auto step = undo ? call.substr(0, call.size() - 5) : call;
            const bool ran = to.books.at(call) == Fate::ran;
            take(to, AttemptResult{step, undo, ran ? saga::Outcome::done : saga::Outcome::refused,
                                   ran ? "" : "declined", ran ? "ref" : "", false});
            return;
        }
        const bool undo = name.ends_with(".undo");
        const auto plain = undo ? name.substr(0, name.size() - 5) : name;
        const auto dot = plain.rfind('.');
        const auto item = std::stoi(plain.substr(dot + 1));
        saga::Reply reply{item, saga::Outcome::undone, ""};
        if (!undo) {
            const auto fate = to.receipts.at(name);
            if (fate == Fate::cancelled) return;
            reply.outcome = fate == Fate::ran ? saga::Outcome::done : saga::Outcome::refused;
            if (fate == Fate::refused) reply.code = "not_enough";
        }
        take(to, Replies{plain.substr(0, dot), undo, {reply}});
    }

    void judge(const Place& place, const Path& way) {
        for (const auto& found : faults_of(process_.definition(), place)) fault(way, found);
        if (beside_.fault) {
            const auto found = beside_.fault(place.beside, place.saga.phase);
            if (!found.empty()) fault(way, found);
        }
        if (saga::ended(place.saga.phase)) ++report_.ends[place.saga.phase];
    }

    const Process& process_;
    const SearchOptions options_;
    const Beside beside_;
    std::unordered_set<std::string> seen_;
    SearchReport report_;
};

}  // namespace skald::sagas::testing
