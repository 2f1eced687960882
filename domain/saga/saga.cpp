#include "domain/saga/saga.h"

#include <algorithm>

#include "domain/kernel/impossible.h"

namespace skald::saga {
namespace {

using kernel::possible;

StepRecord* find_record(State& s, std::string_view step) {
    const auto found = std::ranges::find(s.steps, step, &StepRecord::name);
    return found == s.steps.end() ? nullptr : &*found;
}

StepRecord& record_of(State& s, std::string_view step) {
    auto* record = find_record(s, step);
    possible(record != nullptr, "a step that has not begun");
    return *record;
}

void begin(State& s, const Begun& begun) {
    possible(begun.items >= 0, "a negative number of commands");
    if (!begun.undo && find_record(s, begun.step) == nullptr) {
        s.steps.push_back(
            {.name = begun.step,
             .items = std::vector(static_cast<std::size_t>(begun.items), ItemStatus::waiting),
             .tries = std::vector(static_cast<std::size_t>(begun.items), 1)});
    }
    auto& record = record_of(s, begun.step);
    if (begun.undo) {
        record.undo_round = begun.round;
    } else {
        // Tried again: what was refused is asked for once more.
        for (std::size_t i = 0; i < record.items.size(); ++i) {
            if (record.items[i] != ItemStatus::refused) continue;
            record.items[i] = ItemStatus::waiting;
            ++record.tries[i];
        }
        record.status = StepStatus::running;
        record.round = begun.round;
    }
    s.current = begun;
}

ItemStatus status_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::done:
            return ItemStatus::done;
        case Outcome::refused:
            return ItemStatus::refused;
        case Outcome::undone:
            return ItemStatus::undone;
        default:
            throw kernel::ImpossibleEvent("a reply that settles nothing");
    }
}

void end(State& s, const StepEnd& ended) {
    if (find_record(s, ended.step) == nullptr) s.steps.push_back({.name = ended.step});
    auto& record = record_of(s, ended.step);
    switch (ended.outcome) {
        case Outcome::done:
            record.status = StepStatus::done;
            break;
        case Outcome::skipped:
            record.status = StepStatus::skipped;
            break;
        case Outcome::undone:
            record.status = StepStatus::undone;
            break;
        case Outcome::refused:
        case Outcome::timed_out:
            record.status = StepStatus::failed;
            break;
        default:
            throw kernel::ImpossibleEvent("a step's end that settles nothing");
    }
    auto& attempts = ended.outcome == Outcome::undone ? record.undo : record.forward;
    // What timed out may still be under way: whoever undoes it has to ask.
    if (ended.outcome != Outcome::timed_out) attempts.open = attempts.unknown = false;
    if (ended.outcome == Outcome::undone) record.forward.open = record.forward.unknown = false;
    if (!ended.code.empty()) record.code = ended.code;
    if (!ended.reference.empty()) record.reference = ended.reference;
}

void move(State& s, const Moved& e) {
    possible(!ended(s.phase), "it moves after its end");
    for (const auto& reply : e.replies) {
        possible(s.current.has_value(), "a reply to no step");
        auto& items = record_of(s, s.current->step).items;
        possible(reply.item >= 0 && static_cast<std::size_t>(reply.item) < items.size(),
                 "a reply of no item");
        items[static_cast<std::size_t>(reply.item)] = status_of(reply.outcome);
    }
    if (e.attempt_ended) {
        auto& record = record_of(s, e.attempt_ended->step);
        auto& attempts = e.attempt_ended->undo ? record.undo : record.forward;
        attempts.open = false;
        if (e.attempt_ended->outcome != Outcome::not_sent)
            attempts.unknown = e.attempt_ended->outcome == Outcome::unknown;
        if (e.attempt_ended->outcome == Outcome::refused && !e.attempt_ended->inferred)
            ++attempts.refusals;
    }
    if (!e.signal.empty()) s.signals.emplace(e.signal, e.signal_code);
    for (const auto& step : e.ended) end(s, step);
    s.phase = e.phase;
    if (!e.code.empty()) s.code = e.code;
    if (e.begun) begin(s, *e.begun);
    if (ended(s.phase)) s.current.reset();
    s.since = e.at;
}

void apply(State& s, const Started& e) {
    possible(!s.exists, "started twice");
    s.exists = true;
    s.saga = e.saga;
    s.definition = e.definition;
    s.subject = e.subject;
    s.input = e.input;
    s.parent = e.parent;
    s.started_at = e.move.at;
    s.deadline = e.deadline;
    move(s, e.move);
}

void apply(State& s, const AttemptStarted& e) {
    auto& record = record_of(s, e.step);
    auto& attempts = e.undo ? record.undo : record.forward;
    possible(!attempts.open, "an attempt while another is under way");
    possible(e.attempt == attempts.count + 1, "attempts are counted without gaps");
    possible(!attempts.unknown || e.series == attempts.series,
             "another key while an outcome is unknown");
    if (e.series != attempts.series) attempts.series_first = e.attempt;
    attempts.series = e.series;
    // Its key proves so many, also where it is not stored who refused.
    attempts.refusals = std::max(attempts.refusals, e.series);
    attempts.count = e.attempt;
    attempts.open = true;
    attempts.deadline = e.deadline;
    s.since = e.at;
}

void apply(State& s, const Moved& e) { move(s, e); }

void apply(State& s, const Repaired& e) { move(s, e.move); }

}  // namespace

const StepRecord* State::find(std::string_view step) const {
    const auto found = std::ranges::find(steps, step, &StepRecord::name);
    return found == steps.end() ? nullptr : &*found;
}

const Moved* move_of(const Event& event) {
    if (const auto* started = std::get_if<Started>(&event)) return &started->move;
    if (const auto* repaired = std::get_if<Repaired>(&event)) return &repaired->move;
    return std::get_if<Moved>(&event);
}

void apply(State& state, const Event& event) {
    possible(state.exists || std::holds_alternative<Started>(event), "it was never started");
    std::visit([&](const auto& e) { apply(state, e); }, event);
}

State evolve(State state, const Event& event) {
    apply(state, event);
    return state;
}

}  // namespace skald::saga
