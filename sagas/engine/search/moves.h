// For tests: everything that can happen next at a place. The saga's mind is the real one; the world
// around it is a model that answers late, twice, in any order or never, runs a command after its
// sender died, and refuses, also what undoes.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/kernel/enum_name.h"
#include "sagas/engine/search/place.h"
#include "schemas/saga/codec.h"

namespace skald::sagas::testing {

struct SearchOptions {
    int attempts_max = 2;       // of each call
    int repairs_max = 2;        // an operator's doings, before giving up is all that is left
    int undo_refusals_max = 1;  // commands that undo, and are refused
    bool aborts = true;
    bool repairs = true;
    bool answers = true;        // the world can be asked what became of a call
    bool repeats = true;        // what was heard may be heard again, at any time
    bool early_signals = true;  // signals come before anybody waits for them
    bool late_claims = true;    // attempts begin in a step's last moment, and outlast it
    std::size_t places_max = 500'000;
    // Bugs that are planted to see them found.
    bool forget_the_cancelled = false;  // a cancelled command runs all the same
    bool believe_too_early = false;     // what is still on its way counts as never made
    bool forget_the_question = false;   // an answer counts whatever has been tried since
    bool forget_the_key = false;        // each attempt goes by one of its own
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

inline std::unique_ptr<Companions> open_beside(const Beside& beside, const std::any& states) {
    if (beside.open) return beside.open(states);
    return std::make_unique<NoCompanions>();
}

class Moves {
  public:
    enum class When { now, last_moment, due };
    // Hears of each next place, and by what name it is reached.
    using Go = std::function<void(const std::string& name, Place to)>;

    Moves(const Process& process, const SearchOptions& options, const Beside& beside)
        : process_(process), options_(options), beside_(beside) {}

    std::vector<std::string> faults;

    // Lets the saga hear something; true when it moved.
    bool take(Place& place, const Input& input, When when = When::now) {
        const auto companions = open_beside(beside_, place.beside);
        const auto at = when == When::due           ? *next_due(process_, place.saga)
                        : when == When::last_moment ? place.saga.current->deadline - 1
                                                    : place.saga.since;
        const auto reaction = react(process_, place.saga, input, *companions, at);
        if (!reaction || reaction->empty()) return false;
        for (const auto& event : *reaction) {
            // What is stored is what is folded.
            const auto stored = schemas::saga::encode(event);
            const auto read =
                schemas::saga::decode(stored.type, stored.schema_version, stored.data);
            if (!read)
                faults.push_back("an event is not read again: " + read.error().detail);
            else if (*read != event)
                faults.push_back("an event is read as another: " + stored.type);
            saga::apply(place.saga, event);
        }
        if (beside_.close) place.beside = beside_.close(*companions);
        // Told once more, it is no news: answers and signals come twice.
        if (!std::holds_alternative<Repair>(input)) {
            const auto again = open_beside(beside_, place.beside);
            const auto second = react(process_, place.saga, input, *again, at);
            if (second && !second->empty()) faults.emplace_back("told twice, it moves twice");
        }
        return true;
    }

    void from(const Place& place, const Go& go) {
        for (const auto& effect : effects(process_, place.saga)) begin(place, effect, go);
        for (const auto& command : place.sent) run(place, command, go);
        for (const auto& [call, attempts] : place.wire)
            for (const auto n : attempts) arrive(place, call, n, go);
        for (const auto& [name, input] : place.known) {
            auto to = place;
            if (!options_.repeats) to.known.erase(name);
            if (hear(to, input) || !options_.repeats) go("heard:" + name, std::move(to));
        }
        if (!place.known.empty()) {
            auto to = place;
            to.known.clear();
            go("crash", std::move(to));
        }
        if (next_due(process_, place.saga)) {
            auto to = place;
            if (take(to, Due{}, When::due)) go("deadline", std::move(to));
        }
        from_outside(place, go);
        if (place.saga.phase == saga::Phase::stuck && options_.repairs) repair(place, go);
    }

    // Drops what can make no difference any more: answers to a step that is neither under way nor
    // stuck, and failures of attempts that are over, once they are seen to be no news; and repeats
    // of what has happened.
    void tidy(Place& place) {
        const auto& current = place.saga.current;
        const auto behind = [&](const std::string& step) {
            return !current || current->step != step;
        };
        std::erase_if(place.known, [&](const auto& one) {
            if (!behind(step_of(one.second)) && !outdated(place.saga, one.second)) return false;
            auto to = place;
            if (take(to, one.second)) faults.push_back("it moves, though it went on: " + one.first);
            return true;
        });
        std::erase_if(place.sent, [&](const Sent& command) {
            return behind(command.step) && place.receipts.contains(command);
        });
        for (auto& [call, attempts] : place.wire)
            if (behind(call.substr(0, call.find_first_of(".@"))) && place.books.contains(call))
                attempts.clear();
    }

  private:
    static std::string step_of(const Input& answer) {
        if (const auto* replies = std::get_if<Replies>(&answer)) return replies->step;
        if (const auto* claim = std::get_if<Claim>(&answer)) return claim->step;
        return std::get<AttemptResult>(answer).step;
    }
    static bool outdated(const saga::State& saga, const Input& answer) {
        const auto* result = std::get_if<AttemptResult>(&answer);
        if (result == nullptr || result->attempt == 0 || result->outcome == saga::Outcome::done ||
            result->outcome == saga::Outcome::refused)
            return false;
        const auto& record = *saga.find(result->step);
        const auto& attempts = result->undo ? record.undo : record.forward;
        return result->attempt < attempts.count || (!result->asked && !attempts.open);
    }
    static std::string call_of(const std::string& step, bool undo) {
        return step + (undo ? ".undo" : "");
    }
    // Of the newest attempt.
    std::string key_of_call(const saga::State& saga, const std::string& step, bool undo) const {
        const auto& record = *saga.find(step);
        const auto& attempts = undo ? record.undo : record.forward;
        const auto series = options_.forget_the_key ? attempts.count : attempts.series;
        return call_of(step, undo) + (series > 0 ? "@" + std::to_string(series) : "");
    }

    void from_outside(const Place& place, const Go& go) {
        for (const auto& step : process_.definition().steps) {
            if (step.signal.empty()) continue;
            const auto& current = place.saga.current;
            if (!options_.early_signals && (!current || current->step != step.name)) continue;
            for (const char* code : {"", "failed"}) {
                if (step.kind == StepKind::wait && *code != 0) continue;
                auto to = place;  // early, in time, late, or while the saga is stuck
                if (take(to, Signal{std::string(step.signal), code}))
                    go("signal:" + std::string(step.signal) + code, std::move(to));
            }
        }
        if (beside_.outside) {
            for (auto& [name, beside] : beside_.outside(place.beside)) {
                auto to = place;
                to.beside = std::move(beside);
                go(name, std::move(to));
            }
        }
        if (options_.aborts) {
            auto to = place;
            if (take(to, Abort{"cancelled"})) go("abort", std::move(to));
        }
    }

    // An operator tells the truth, and may have the same tried again and again.
    void repair(const Place& place, const Go& go) {
        const auto& current = *place.saga.current;
        const auto& step = *process_.definition().find(current.step);
        std::vector<RepairAction> actions{RepairAction::abandon};
        if (place.repairs < options_.repairs_max) {
            actions.insert(actions.end(), {RepairAction::retry, RepairAction::undo});
            if (step.kind == StepKind::call) {
                const auto call = call_of(current.step, current.undo);
                if (place.ran(call)) actions.push_back(RepairAction::record_done);
                if (!current.undo && !place.ran(call) && !place.on_wire(call))
                    actions.push_back(RepairAction::record_refused);
            }
        }
        for (const auto action : actions) {
            auto to = place;
            if (action != RepairAction::abandon) ++to.repairs;
            if (take(to, Repair{action, "op", "why", "ref"}))
                go("repair:" + std::string(kernel::name_of(action)), std::move(to));
        }
    }

    // Answers; a claim that is granted becomes a request.
    bool hear(Place& to, const Input& input, When when = When::now) {
        const auto* claim = std::get_if<Claim>(&input);
        if (claim == nullptr) return take(to, input, when);
        const auto count = [&] {
            const auto* record = to.saga.find(claim->step);
            return record == nullptr ? 0 : (claim->undo ? record->undo : record->forward).count;
        };
        const auto before = count();
        if (before >= options_.attempts_max || !take(to, input, when)) return false;
        if (count() > before)
            to.wire[key_of_call(to.saga, claim->step, claim->undo)].insert(count());
        return true;
    }

    Input reply_to(const Sent& command, Fate fate) const {
        const bool ran = fate == Fate::ran;
        const auto good = command.undo ? saga::Outcome::undone : saga::Outcome::done;
        return Replies{command.step,
                       command.undo,
                       {{command.item, ran ? good : saga::Outcome::refused,
                         ran            ? ""
                         : command.undo ? "not_now"
                                        : "not_enough"}}};
    }

    void know(Place to, const std::string& name, const Input& input, const Go& go) {
        if (to.known.emplace(name, input).second) go("answer:" + name, std::move(to));
    }

    // It runs, now or later; one that has its receipt is answered from that.
    void send(const Place& place, const Sent& command, const Go& go) {
        const auto found = place.receipts.find(command);
        if (found != place.receipts.end()) {
            if (found->second != Fate::cancelled)
                know(place, command.name(), reply_to(command, found->second), go);
            return;
        }
        auto to = place;
        if (to.sent.insert(command).second) go("send:" + command.name(), std::move(to));
    }

    void begin(const Place& place, const Effect& effect, const Go& go) {
        const auto& record = *place.saga.find(effect.step);
        const auto item = static_cast<std::size_t>(effect.item);
        switch (effect.kind) {
            case EffectKind::send:
                return send(place, {effect.step, effect.item, false, record.tries[item]}, go);
            case EffectKind::undo:
                return send(place, {effect.step, effect.item, true, record.undo_round}, go);
            case EffectKind::cancel:
                return cancel(place, {effect.step, effect.item, false, record.tries[item]},
                              record.undo_round, go);
            case EffectKind::claim:
                for (const auto when : {When::now, When::last_moment}) {
                    if (when == When::last_moment && !options_.late_claims) continue;
                    auto to = place;
                    if (hear(to, Claim{effect.step, effect.undo, false}, when))
                        go((when == When::now ? "call:" : "call_late:") +
                               call_of(effect.step, effect.undo),
                           std::move(to));
                }
                return;
            case EffectKind::ask:
                return ask(place, effect, key_of_call(place.saga, effect.step, effect.undo), go);
            case EffectKind::start_child:
                return;  // its end is a signal
        }
    }

    void cancel(const Place& place, const Sent& command, int round, const Go& go) {
        const auto found = place.receipts.find(command);
        const Input undone =
            Replies{command.step, true, {{command.item, saga::Outcome::undone, ""}}};
        if (found != place.receipts.end() && found->second == Fate::ran)
            return send(place, {command.step, command.item, true, round}, go);
        auto to = place;
        if (found == place.receipts.end() && !options_.forget_the_cancelled)
            to.receipts[command] = Fate::cancelled;
        know(std::move(to), command.name() + " cancelled", undone, go);
    }

    void ask(const Place& place, const Effect& effect, const std::string& call, const Go& go) {
        if (!options_.answers) return;
        const auto& record = *place.saga.find(effect.step);
        const auto count = (effect.undo ? record.undo : record.forward).count;
        AttemptResult result{.step = effect.step,
                             .undo = effect.undo,
                             .code = {},
                             .reference = {},
                             .asked = true,
                             .attempt = options_.forget_the_question ? 0 : count};
        const auto name = [&](const char* what) {
            return call + " asked#" + std::to_string(count) + " " + what;
        };
        const auto found = place.books.find(call);
        if (found != place.books.end()) {
            const bool ran = found->second == Fate::ran;
            result.outcome = ran ? saga::Outcome::done : saga::Outcome::refused;
            result.code = ran ? "" : "declined";
            result.reference = ran ? "ref" : "";
            return know(place, name(ran ? "done" : "refused"), result, go);
        }
        know(place, name("not there"), Claim{effect.step, effect.undo, true}, go);
        if (place.on_wire(call_of(effect.step, effect.undo)) && !options_.believe_too_early) return;
        result.outcome = saga::Outcome::not_sent;
        know(place, name("never"), result, go);
    }

    void run(const Place& place, const Sent& command, const Go& go) {
        auto to = place;
        to.sent.erase(command);
        if (const auto found = place.receipts.find(command); found != place.receipts.end()) {
            if (found->second != Fate::cancelled)
                to.known.emplace(command.name(), reply_to(command, found->second));
            return go("again:" + command.name(), std::move(to));
        }
        for (const auto fate : {Fate::ran, Fate::refused}) {
            auto one = to;
            if (command.undo && fate == Fate::refused &&
                one.undo_refusals++ >= options_.undo_refusals_max)
                continue;
            one.receipts[command] = fate;
            one.known.emplace(command.name(), reply_to(command, fate));
            go((fate == Fate::ran ? "ran:" : "refused:") + command.name(), std::move(one));
        }
    }

    // A request: it is lost, it turns out that it was never sent, its sender gives up waiting while
    // it goes on, or it arrives.
    void arrive(const Place& place, const std::string& call, int n, const Go& go) {
        const auto base = Place::call_in(call);
        const bool undo = base.ends_with(".undo");
        const auto name = [&](const char* what) { return call + "#" + std::to_string(n) + what; };
        AttemptResult result{.step = undo ? base.substr(0, base.size() - 5) : base,
                             .undo = undo,
                             .code = {},
                             .reference = {},
                             .attempt = n};
        know(place, name(" unknown"), result, go);
        auto to = place;
        to.wire[call].erase(n);
        go("lost:" + name(""), to);
        result.outcome = saga::Outcome::not_sent;
        know(to, name(" not sent"), result, go);
        for (const auto fate : {Fate::ran, Fate::refused}) {
            auto one = to;
            // The key is that of all attempts: what was said once is said again.
            if (one.books.emplace(call, fate).first->second != fate) continue;
            const bool ran = fate == Fate::ran;
            result.outcome = ran ? saga::Outcome::done : saga::Outcome::refused;
            result.code = ran ? "" : "declined";
            result.reference = ran ? "ref" : "";
            one.known.emplace(name(ran ? " done" : " refused"), result);
            go((ran ? "done:" : "declined:") + name(""), std::move(one));
        }
    }

    const Process& process_;
    const SearchOptions& options_;
    const Beside& beside_;
};

}  // namespace skald::sagas::testing
