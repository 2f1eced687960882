#include "sagas/engine/repair.h"

#include "domain/kernel/enum_name.h"

namespace skald::sagas {
namespace {

// Why it cannot be, or nothing.
using Reason = std::optional<std::string>;

bool in_doubt(const saga::Attempts& attempts) { return attempts.open || attempts.unknown; }

class Repairing {
  public:
    Repairing(const Process& process, const saga::State& state, Mover& mover)
        : definition_(process.definition()),
          state_(state),
          mover_(mover),
          current_(*state.current),
          step_(mover.step_of(current_.step)),
          record_(*state.find(current_.step)) {}

    Reason run(const Repair& input) {
        // It goes on from here, unless the action says otherwise.
        if (input.action != RepairAction::abandon)
            mover_.be(current_.undo ? Phase::undoing : Phase::forward);
        switch (input.action) {
            case RepairAction::retry:
                retry();
                return std::nullopt;
            case RepairAction::record_done:
                return record_done(input.reference);
            case RepairAction::record_refused:
                return record_refused();
            case RepairAction::skip:
                return skip();
            case RepairAction::undo:
                return undo();
            case RepairAction::abandon:
                abandon();
        }
        return std::nullopt;
    }

    // What stays undone by it, for good.
    std::string left;

  private:
    void retry() {
        if (current_.undo && step_.kind == StepKind::local) {
            mover_.undo_next();
        } else if (current_.undo || step_.kind == StepKind::commands ||
                   step_.kind == StepKind::call) {
            mover_.begin(step_, current_.undo, current_.items);
        } else {
            mover_.enter(step_.name);
        }
    }

    Reason record_done(const std::string& reference) {
        if (auto fault = record_call(current_.undo, {.code = {}, .reference = reference}))
            return fault;
        current_.undo ? mover_.undone(step_) : mover_.close(step_, Outcome::done, {}, reference);
        return std::nullopt;
    }

    Reason record_refused() {
        if (current_.undo) return "undo_cannot_be_refused";
        const auto blocked = not_to_be_undone(true);
        // Nothing can be undone any more: but what was in doubt is known then, and the rest can be
        // decided on.
        if (blocked && !doubted()) return blocked;
        if (auto fault =
                record_call(false, {.outcome = Outcome::refused, .code = recorded_by_operator}))
            return fault;
        if (blocked) {
            mover_.attempt_ended({current_.step, false, Outcome::refused, true});
            mover_.stick(recorded_by_operator);
            return std::nullopt;
        }
        if (step_.kind != StepKind::call) {
            if (auto fault = decided(Moment::called_off)) return fault;
        }
        mover_.end(step_, Outcome::refused, recorded_by_operator);
        return undo_all(recorded_by_operator);
    }

    // Nobody goes past what may be under way.
    Reason skip() {
        if (doubted()) return "outcome_unknown: " + current_.step;
        if (auto fault = decided(Moment::skipped)) return fault;
        // Given back by its undoing, or handed over by it: neither will be.
        if (current_.undo) {
            leave(residue(definition_, state_, step_.acquires));
            mover_.undone(step_);
        } else {
            mover_.close(step_, Outcome::skipped);
            leave(residue(definition_, mover_.state(), step_.settles));
        }
        return std::nullopt;
    }

    Reason undo() {
        if (auto blocked = not_to_be_undone(false)) return blocked;
        // What may be under way is asked for first, and is not given up yet.
        if (!current_.undo && !doubted()) {
            if (auto fault = decided(Moment::called_off)) return fault;
        }
        return undo_all("undone_by_operator");
    }

    void abandon() {
        leave(residue(definition_, state_));
        // An operator is never kept from it; what stands beside the saga may be.
        if (const auto fault = decided(Moment::abandoned))
            leave({"what stands beside it: not told, " + *fault});
        mover_.be(Phase::abandoned);
    }

    Reason undo_all(const char* code) {
        mover_.undo_all(code);
        // Something beside it stands against the undoing: then it is not begun.
        if (!current_.undo && mover_.state().phase == Phase::stuck && mover_.state().current->undo)
            return mover_.state().code;
        return std::nullopt;
    }

    bool doubted() const { return in_doubt(record_.forward) || in_doubt(record_.undo); }

    // The step that stands against undoing, as an error. `refused`: what is stuck surely did not
    // happen, so the operator says.
    Reason not_to_be_undone(bool refused) const {
        for (const auto& record : state_.steps) {
            const Step& one = mover_.step_of(record.name);
            if (one.undo != Undo::missing) continue;
            const bool said =
                refused && one.kind == StepKind::call && record.status != StepStatus::done;
            if (record.status == StepStatus::done || (mover_.irrevocable(one) && !said))
                return "cannot_be_undone: " + record.name;
        }
        return std::nullopt;
    }

    // What an operator knows of a call, told to the things beside the saga too.
    Reason record_call(bool of_undo, const AttemptResult& result) {
        if (step_.kind != StepKind::call) return std::nullopt;
        const auto moment =
            result.outcome == Outcome::refused ? Moment::refused : Moment::succeeded;
        const bool none_under_way = !in_doubt(of_undo ? record_.undo : record_.forward);
        if (none_under_way && moment == Moment::succeeded &&
            !mover_.tell(step_, of_undo, Moment::attempt_started))
            return mover_.state().code;
        if (!mover_.tell(step_, of_undo, moment, result)) return mover_.state().code;
        return std::nullopt;
    }

    Reason decided(Moment moment) {
        const auto taken = mover_.decided(step_, current_.undo, moment);
        return taken ? Reason() : "impossible_outcome: " + taken.error();
    }

    void leave(const std::vector<std::string>& lines) {
        for (const auto& line : lines) left += (left.empty() ? "" : "; ") + line;
    }

    const Definition& definition_;
    const saga::State& state_;
    Mover& mover_;
    const saga::Begun current_;
    const Step& step_;
    const StepRecord& record_;
};

}  // namespace

Reaction repair(const Process& process, const saga::State& state, const Repair& input,
                Mover& mover) {
    if (!state.exists) return unexpected(std::string("unknown_saga"));
    if (state.phase != Phase::stuck || !state.current) return unexpected(std::string("not_stuck"));
    Repairing repairing(process, state, mover);
    if (auto fault = repairing.run(input)) return unexpected(*std::move(fault));
    return std::vector<saga::Event>{saga::Repaired{std::string(kernel::name_of(input.action)),
                                                   state.current->step, input.actor, input.reason,
                                                   std::move(repairing.left), mover.take_move()}};
}

}  // namespace skald::sagas
