#include "sagas/engine/react.h"

#include <algorithm>

#include "domain/kernel/invariant.h"
#include "sagas/engine/repair.h"

namespace skald::sagas {
namespace {

std::vector<saga::Event> only(saga::Event event) { return {std::move(event)}; }

bool is_at(const saga::State& state, const std::string& step, bool undo) {
    return state.exists && state.current && state.current->step == step &&
           state.current->undo == undo;
}
bool is_current(const saga::State& state, const std::string& step, bool undo) {
    return under_way(state) && is_at(state, step, undo);
}

// Of a step of commands under way. Also while an operator is asked about it: once all of it is
// done, it goes on.
Reaction on(const Process&, const saga::State& state, const Replies& input, Mover& mover) {
    if (!is_at(state, input.step, input.undo)) return {};
    const bool stuck = state.phase == Phase::stuck;
    const auto& items = state.find(input.step)->items;
    std::vector<saga::Reply> news;
    const saga::Reply* refused = nullptr;
    for (const auto& reply : input.replies) {
        if (reply.item < 0 || static_cast<std::size_t>(reply.item) >= items.size()) continue;
        const auto known = items[static_cast<std::size_t>(reply.item)];
        const bool open = input.undo ? known == ItemStatus::waiting || known == ItemStatus::done
                                     : known == ItemStatus::waiting;
        if (!open) continue;
        if (reply.outcome == Outcome::refused && refused == nullptr) refused = &reply;
        // What could not be undone is still there.
        if (!(input.undo && reply.outcome == Outcome::refused)) news.push_back(reply);
    }
    if (news.empty() && (refused == nullptr || stuck)) return {};
    if (!news.empty()) mover.reply(std::move(news));
    const Step& step = mover.step_of(input.step);
    if (refused != nullptr && !stuck) {
        input.undo ? mover.stick(refused->code) : mover.fail(step, Outcome::refused, refused->code);
        return only(mover.take_move());
    }
    const auto& now = mover.state().find(input.step)->items;
    const bool all = std::ranges::all_of(now, [&](ItemStatus item) {
        return input.undo ? item == ItemStatus::undone || item == ItemStatus::refused
                          : item == ItemStatus::done;
    });
    if (!all) return only(mover.take_move());
    if (stuck) mover.be(input.undo ? Phase::undoing : Phase::forward);
    input.undo ? mover.undone(step) : mover.close(step, Outcome::done);
    return only(mover.take_move());
}

Reaction on(const Process&, const saga::State& state, const Claim& input, Mover& mover,
            Timestamp at) {
    if (!is_current(state, input.step, input.undo)) return {};
    const Step& step = mover.step_of(input.step);
    const auto& record = *state.find(input.step);
    const auto& attempts = input.undo ? record.undo : record.forward;
    if (step.kind != StepKind::call || attempts.open || (attempts.unknown && !input.asked) ||
        at >= state.current->deadline)
        return {};
    if (input.undo && record.status != StepStatus::done) return {};
    switch (mover.claim(step, input.undo)) {
        case Mover::Claimed::later:
            return {};
        case Mover::Claimed::stuck:
            return only(mover.take_move());
        case Mover::Claimed::yes:
            break;
    }
    // What may be under way is never made again under another key.
    const auto series = attempts.unknown ? attempts.series : attempts.refusals;
    return only(saga::AttemptStarted{input.step, input.undo, attempts.count + 1, at,
                                     after(at, step.attempt), series});
}

// The saga was stuck at the call, for want of this answer: now it goes on. It stays stuck where the
// call that is to be undone turns out to be done, since the time for undoing it has passed.
void go_on(const saga::State& state, const AttemptResult& input, Mover& mover) {
    const bool settled = input.outcome == Outcome::done || input.outcome == Outcome::refused ||
                         (state.current->undo && !input.undo && input.outcome == Outcome::not_sent);
    const bool to_be_undone = state.current->undo && !input.undo && input.outcome == Outcome::done;
    if (state.phase == Phase::stuck && settled && !to_be_undone)
        mover.be(state.current->undo ? Phase::undoing : Phase::forward);
}

// Of an attempt that is open or unknown. False: the things beside the saga cannot have it.
bool take(const saga::State& state, const AttemptResult& input, const saga::Attempts& attempts,
          Mover& mover) {
    const Step& step = mover.step_of(input.step);
    const bool forward_now = !state.current->undo;
    switch (input.outcome) {
        case Outcome::done:
            if (!mover.tell(step, input.undo, Moment::succeeded, input)) return false;
            go_on(state, input, mover);
            if (input.undo) {
                mover.undone(step);
            } else if (forward_now) {
                mover.close(step, Outcome::done, {}, input.reference);
            } else {
                mover.end(step, Outcome::done, {}, input.reference);  // and now it can be undone
            }
            return true;
        case Outcome::refused:
            if (!mover.tell(step, input.undo, Moment::refused, input)) return false;
            go_on(state, input, mover);
            if (input.undo) {
                mover.attempt_ended({input.step, true, Outcome::refused});
                mover.stick(input.code);
            } else if (forward_now) {
                mover.attempt_ended({input.step, false, Outcome::refused});
                mover.fail(step, Outcome::refused, input.code);
            } else {
                mover.undone(step);
            }
            return true;
        case Outcome::not_sent:
            if (input.asked && !mover.tell(step, input.undo, Moment::never)) return false;
            mover.attempt_ended({input.step, input.undo,
                                 input.asked ? Outcome::refused : Outcome::not_sent, input.asked});
            if (!forward_now && !input.undo && (input.asked || !attempts.unknown)) {
                go_on(state, input, mover);
                mover.undone(step);
            }
            return true;
        default:
            if (!mover.tell(step, input.undo, Moment::unknown)) return false;
            mover.attempt_ended({input.step, input.undo, Outcome::unknown});
            return true;
    }
}

// Of a call, forward, while the step itself or its undoing is under way; or of its undoing. Also
// while an operator is asked about it.
Reaction on(const Process&, const saga::State& state, const AttemptResult& input, Mover& mover) {
    const bool at_step = !input.undo && is_at(state, input.step, false);
    if (!at_step && !is_at(state, input.step, true)) return {};
    const auto& record = *state.find(input.step);
    const auto& attempts = input.undo ? record.undo : record.forward;
    if (!attempts.open && !attempts.unknown) return {};
    // An answer to what went by another key was heard before, and is repeated.
    if (input.attempt < attempts.series_first) return {};
    const bool settles = input.outcome == Outcome::done || input.outcome == Outcome::refused;
    const bool ends = input.outcome == Outcome::unknown || input.outcome == Outcome::not_sent;
    if (!settles && !ends) return {};
    // An earlier attempt's failing says nothing of the one under way, and neither does an answer to
    // what was asked before it began.
    if (ends && input.attempt != 0 && input.attempt != attempts.count) return {};
    const bool never = input.asked && input.outcome == Outcome::not_sent;
    if (ends && never == attempts.open) return {};
    const auto told = take(state, input, attempts, mover);
    // It was stuck for that before.
    if (!told && state.phase == Phase::stuck && mover.state().code == state.code) return {};
    return only(mover.take_move());
}

Reaction on(const Process&, const saga::State& state, const Signal& input, Mover& mover) {
    // Kept while an operator is asked: it counts once the saga goes on.
    if (!state.exists || saga::ended(state.phase) || state.signals.contains(input.name)) return {};
    mover.signalled(input);
    const auto* step = mover.current();
    if (state.phase == Phase::forward && step != nullptr &&
        (step->kind == StepKind::wait || step->kind == StepKind::child) &&
        step->signal == input.name) {
        if (input.code.empty()) {
            mover.close(*step, Outcome::done);
        } else {
            mover.fail(*step, Outcome::refused, input.code);
        }
    }
    return only(mover.take_move());
}

Reaction on(const Process& process, const saga::State& state, const Abort& input, Mover& mover) {
    if (!under_way(state) || state.phase == Phase::undoing) return {};
    const auto* step = mover.current();
    if (behind_pivot(process.definition(), state) || (step != nullptr && mover.irrevocable(*step)))
        return unexpected(std::string("too_late"));
    mover.undo_all(input.code);
    return only(mover.take_move());
}

Reaction on(const Process& process, const saga::State& state, const Due&, Mover& mover,
            Timestamp at) {
    if (!under_way(state) || !state.current) return {};
    const auto current = *state.current;
    const Step& step = mover.step_of(current.step);
    const auto record = *state.find(current.step);
    bool anything = false;
    for (const bool undo : {false, true}) {
        const auto& attempts = undo ? record.undo : record.forward;
        if (!attempts.open || attempts.deadline > at) continue;
        if (!mover.tell(step, undo, Moment::unknown)) return only(mover.take_move());
        mover.attempt_ended({current.step, undo, Outcome::unknown});
        anything = true;
    }
    const bool forward = state.phase == Phase::forward;
    const bool saga_over = forward && state.deadline <= at &&
                           !behind_pivot(process.definition(), state) &&
                           step.otherwise == Otherwise::undo;
    if (current.deadline <= at || saga_over) {
        anything = true;
        if (!forward) {
            mover.stick("undo_timed_out");
        } else if (step.kind == StepKind::call && step.otherwise == Otherwise::go_on &&
                   (mover.state().find(step.name)->forward.open ||
                    mover.state().find(step.name)->forward.unknown)) {
            mover.stick("timed_out");  // nobody may go on while money may be under way
        } else {
            mover.fail(step, Outcome::timed_out, "timed_out");
        }
    }
    if (!anything) return {};
    return only(mover.take_move());
}

Reaction start(const Process& process, const saga::State& state, const Start& input,
               Companions& companions, Timestamp at) {
    if (state.exists) return {};
    const auto& definition = process.definition();
    saga::Started started{.saga = std::string(definition.saga),
                          .definition = definition.version,
                          .subject = input.subject,
                          .input = input.input,
                          .parent = input.parent,
                          .deadline = after(at, definition.deadline),
                          .move = {}};
    started.move.at = at;
    Mover mover(process, saga::evolve({}, started), companions, at);
    mover.enter(definition.steps.front().name);
    started.move = mover.take_move();
    return only(std::move(started));
}

}  // namespace

Reaction react(const Process& process, const saga::State& state, const Input& input,
               Companions& companions, Timestamp at) {
    if (const auto* begin = std::get_if<Start>(&input))
        return start(process, state, *begin, companions, at);
    Mover mover(process, state, companions, at);
    return std::visit(
        [&](const auto& one) -> Reaction {
            using One = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<One, Start>) {
                return {};
            } else if constexpr (std::is_same_v<One, Repair>) {
                return repair(process, state, one, mover);
            } else if constexpr (std::is_same_v<One, Claim> || std::is_same_v<One, Due>) {
                return on(process, state, one, mover, at);
            } else {
                return on(process, state, one, mover);
            }
        },
        input);
}

}  // namespace skald::sagas
