// One reaction of a saga in the making: the state as it becomes, and the move that takes it there.
// Pure; used by react() only.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "domain/kernel/invariant.h"
#include "sagas/engine/react.h"

namespace skald::sagas {

using kernel::Timestamp;
using saga::AttemptEnd;
using saga::ItemStatus;
using saga::Moved;
using saga::Outcome;
using saga::Phase;
using saga::StepRecord;
using saga::StepStatus;

inline bool under_way(const saga::State& state) {
    return state.exists && (state.phase == Phase::forward || state.phase == Phase::undoing);
}

inline Timestamp after(Timestamp at, milliseconds wait) { return at + wait.count() * 1000; }

// One reaction: the state as it becomes, and the move that takes it there.
class Mover {
  public:
    Mover(const Process& process, saga::State state, Companions& companions, Timestamp at)
        : process_(process),
          definition_(process.definition()),
          state_(std::move(state)),
          companions_(companions) {
        move_.at = at;
        move_.phase = state_.phase;
    }

    const saga::State& state() const { return state_; }
    Moved take_move() { return std::move(move_); }

    void enter(std::string_view name) {
        const Step& step = step_of(name);
        if (step.skippable && process_.skips(state_, name)) return close(step, Outcome::skipped);
        switch (step.kind) {
            case StepKind::local: {
                const auto taken = companions_.take(state_, happening(step, false, Moment::act));
                return taken ? close(step, Outcome::done, {}, *taken)
                             : fail(step, Outcome::refused, taken.error());
            }
            case StepKind::commands: {
                const auto items = process_.items(state_, name);
                if (items == 0) return close(step, Outcome::done);
                return begin(step, false, items);
            }
            case StepKind::wait:
            case StepKind::child:
                if (const auto early = state_.signals.find(std::string(step.signal));
                    early != state_.signals.end())
                    return early->second.empty() ? close(step, Outcome::done)
                                                 : fail(step, Outcome::refused, early->second);
                return begin(step, false, 0);
            case StepKind::call:
                return begin(step, false, 0);
        }
    }

    // The step is over, and the saga goes on behind it.
    void close(const Step& step, Outcome outcome, std::string code = {},
               std::string reference = {}) {
        end(step, outcome, std::move(code), std::move(reference));
        const auto choice = process_.next(state_, step.name);
        const auto next = choice == 0 ? step.then : choice == 1 ? step.or_then : std::string_view();
        if (!next.empty()) return enter(next);
        INVARIANT(step.last);
        be(Phase::completed);
    }

    void fail(const Step& step, Outcome outcome, const std::string& code) {
        if (step.otherwise == Otherwise::go_on) return close(step, outcome, code);
        if (step.otherwise == Otherwise::stick || irrevocable(step)) {
            if (!state_.current || state_.current->step != step.name)
                begin(step, false, 0);  // an operator can have it tried again
            return stick(code);
        }
        end(step, outcome, code);
        undo_all(code);
    }

    void undo_all(const std::string& code) {
        be(Phase::undoing, code);
        undo_next();
    }

    void stick(const std::string& code) { be(Phase::stuck, code); }

    void undone(const Step& step) {
        end(step, Outcome::undone);
        undo_next();
    }

    void undo_next() {
        for (std::size_t i = state_.steps.size(); i-- > 0;) {
            const StepRecord record = state_.steps[i];
            if (record.status == StepStatus::undone || record.status == StepStatus::skipped)
                continue;
            const Step& step = step_of(record.name);
            if (!needs_undoing(step, record)) {
                end(step, Outcome::undone);
            } else if (step.kind == StepKind::local) {
                const auto taken = companions_.take(state_, happening(step, true, Moment::act));
                if (!taken) {
                    begin(step, true, 0);
                    return stick(taken.error());
                }
                end(step, Outcome::undone, {}, *taken);
            } else {
                return begin(step, true, 0);
            }
        }
        be(Phase::undone);
    }

    void begin(const Step& step, bool undo, std::int32_t items) {
        const auto* record = state_.find(step.name);
        const auto before = record == nullptr ? 0 : undo ? record->undo_round : record->round;
        Moved one = here();
        one.begun =
            saga::Begun{std::string(step.name), undo, items, before + 1,
                        after(move_.at, undo && step.undo_deadline.count() > 0 ? step.undo_deadline
                                                                               : step.deadline)};
        learn(one);
    }

    void reply(std::vector<saga::Reply> replies) {
        Moved one = here();
        one.replies = std::move(replies);
        learn(one);
    }

    void attempt_ended(AttemptEnd ended) {
        Moved one = here();
        one.attempt_ended = std::move(ended);
        learn(one);
    }

    void signalled(const Signal& signal) {
        Moved one = here();
        one.signal = signal.name;
        one.signal_code = signal.code;
        learn(one);
    }

    void end(const Step& step, Outcome outcome, std::string code = {}, std::string reference = {}) {
        Moved one = here();
        one.ended.push_back(
            {std::string(step.name), outcome, std::move(code), std::move(reference)});
        learn(one);
    }

    void be(Phase phase, const std::string& code = {}) {
        Moved one = here();
        one.phase = phase;
        one.code = code;
        learn(one);
    }

    // Of a claim: whether the attempt may be made, or has to wait, or cannot be: stuck then.
    enum class Claimed { yes, later, stuck };
    Claimed claim(const Step& step, bool undo) {
        const auto taken = companions_.take(state_, happening(step, undo, Moment::attempt_started));
        if (taken) return Claimed::yes;
        if (taken.error() == not_now) return Claimed::later;
        stick("cannot_be_attempted: " + taken.error());
        return Claimed::stuck;
    }

    // False when it cannot be: the saga is stuck then.
    bool tell(const Step& step, bool undo, Moment moment, const AttemptResult& result = {}) {
        auto what = happening(step, undo, moment);
        if (!result.code.empty()) what.code = result.code;
        what.reference = result.reference;
        what.detail = result.detail;
        const auto taken = companions_.take(state_, what);
        if (!taken) stick("impossible_outcome: " + taken.error());
        return taken.has_value();
    }

    // What an operator decided of the step. The error is why the things beside the saga cannot have
    // it.
    Taken decided(const Step& step, bool undo, Moment moment) {
        auto what = happening(step, undo, moment);
        what.code = given_up_by_operator;
        return companions_.take(state_, what);
    }

    const Step& step_of(std::string_view name) const {
        const auto* step = definition_.find(name);
        INVARIANT(step != nullptr);
        return *step;
    }
    const Step* current() const {
        return state_.current ? &step_of(state_.current->step) : nullptr;
    }

    // Whether some of the step happened, or may have, and nothing undoes it.
    bool irrevocable(const Step& step) const {
        const auto* record = state_.find(step.name);
        if (record == nullptr || step.undo != Undo::missing) return false;
        return may_have_happened(step, *record);
    }

  private:
    static bool may_have_happened(const Step& step, const StepRecord& record) {
        switch (step.kind) {
            case StepKind::local:
                return record.status == StepStatus::done;
            case StepKind::commands:
                return std::ranges::any_of(record.items, [](ItemStatus item) {
                    return item == ItemStatus::waiting || item == ItemStatus::done;
                });
            case StepKind::call:
                return record.status == StepStatus::done || record.forward.open ||
                       record.forward.unknown;
            case StepKind::wait:
            case StepKind::child:
                return false;
        }
        return false;
    }
    static bool needs_undoing(const Step& step, const StepRecord& record) {
        return step.undo == Undo::by_itself && may_have_happened(step, record);
    }

    Happening happening(const Step& step, bool undo, Moment moment) const {
        return {step.name, undo, moment, {}, {}, undo ? state_.code : std::string(), move_.at};
    }

    Moved here() const {
        Moved one;
        one.at = move_.at;
        one.phase = state_.phase;
        return one;
    }

    // Adds to the move, and lets the state be what the sum will make it.
    void learn(const Moved& one) {
        saga::apply(state_, saga::Event(one));
        std::ranges::copy(one.replies, std::back_inserter(move_.replies));
        std::ranges::copy(one.ended, std::back_inserter(move_.ended));
        if (one.attempt_ended) move_.attempt_ended = one.attempt_ended;
        if (!one.signal.empty()) {
            move_.signal = one.signal;
            move_.signal_code = one.signal_code;
        }
        if (one.begun) move_.begun = one.begun;
        if (!one.code.empty()) move_.code = one.code;
        move_.phase = one.phase;
        if (saga::ended(one.phase)) move_.begun.reset();
    }

    const Process& process_;
    const Definition& definition_;
    saga::State state_;
    Companions& companions_;
    Moved move_;
};

}  // namespace skald::sagas
