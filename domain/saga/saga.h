// One run of a process that takes several steps, and undoes what it did when it cannot go on. Its
// stream is `<saga>-<subject>`, its state the fold of these events. What a step means is the
// definition's matter (sagas/engine); here is only what has happened. Pure functions.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/kernel/time.h"

namespace skald::saga {

using kernel::Timestamp;

// forward and undoing are under way; stuck waits for an operator; the others are ends.
BOOST_DEFINE_ENUM_CLASS(Phase, forward, undoing, stuck, completed, undone, abandoned)

constexpr bool ended(Phase phase) { return phase > Phase::stuck; }

// How one command, one attempt or a whole step came out. unknown: it may or may not have happened,
// and must be asked for. not_sent: it surely did not. skipped: it was not needed.
BOOST_DEFINE_ENUM_CLASS(Outcome, done, refused, unknown, not_sent, timed_out, undone, skipped)

// Facts. Names and fields are stored for ever; schemas/saga/v1/saga.proto is their wire form.

// A step that is under way now, forward or being undone.
struct Begun {
    std::string step;
    bool undo = false;
    std::int32_t items = 0;  // how many commands it sends side by side
    std::int32_t round = 1;  // above 1: an operator had it tried again
    Timestamp deadline;
    bool operator==(const Begun&) const = default;
};
// The claim on one call to the world. Nobody calls without it.
struct AttemptStarted {
    std::string step;
    bool undo = false;
    std::int32_t attempt = 0;  // from 1
    Timestamp at;
    Timestamp deadline;  // without an outcome by then, the outcome is unknown
    // Attempts of one series go by one key. A new one begins where the world refused the one before
    // and an operator has the call made again: under the old key it would only repeat itself.
    std::int32_t series = 0;
    bool operator==(const AttemptStarted&) const = default;
};
struct Reply {
    std::int32_t item = 0;
    Outcome outcome = Outcome::done;  // done, refused or undone
    std::string code;
    bool operator==(const Reply&) const = default;
};
struct StepEnd {
    std::string step;
    Outcome outcome = Outcome::done;  // done, refused, timed_out, skipped or undone
    std::string code;
    std::string reference;  // what the world called it
    bool operator==(const StepEnd&) const = default;
};
struct AttemptEnd {
    std::string step;
    bool undo = false;
    // unknown; not_sent: this attempt had no effect, which says nothing of earlier ones; refused:
    // none had or ever will
    Outcome outcome = Outcome::unknown;
    bool inferred = false;  // of refused: the world did not say so itself
    bool operator==(const AttemptEnd&) const = default;
};
// What was learned, and where the saga stands since. Replies are of the step under way.
struct Moved {
    Timestamp at;
    std::vector<Reply> replies;
    std::optional<AttemptEnd> attempt_ended;
    std::string signal;  // that came from outside, or empty; with `signal_code`, a failed child's
    std::string signal_code;
    std::vector<StepEnd> ended;
    std::optional<Begun> begun;
    Phase phase = Phase::forward;
    std::string code;  // why it is undone or stuck
    bool operator==(const Moved&) const = default;
};
struct Started {
    std::string saga;
    std::int32_t definition = 0;  // the version of the definition, kept to the end
    std::string subject;          // the id of what it is about
    std::string input;            // what the definition needs to know, in its own form
    std::string parent;           // the stream of the saga that waits for this one, or empty
    Timestamp deadline;
    Moved move;  // into its first step
    bool operator==(const Started&) const = default;
};
// An operator's doing: what it was, and the move that came of it.
struct Repaired {
    std::string action;
    std::string step;
    std::string actor;
    std::string reason;
    std::string
        residue;  // of `abandon` and `skip`: what stays undone, as the operator was shown it
    Moved move;
    bool operator==(const Repaired&) const = default;
};
using Event = std::variant<Started, AttemptStarted, Moved, Repaired>;

BOOST_DEFINE_ENUM_CLASS(ItemStatus, waiting, done, refused, undone)
BOOST_DEFINE_ENUM_CLASS(StepStatus, running, done, failed, skipped, undone)

// The attempts of a call, of a step or of its undoing.
struct Attempts {
    std::int32_t count = 0;
    bool open = false;              // claimed, no outcome yet
    bool unknown = false;           // one that ended may have happened: it has to be asked for
    Timestamp deadline;             // of the last one
    std::int32_t refusals = 0;      // that the world spoke itself
    std::int32_t series = 0;        // of the last one
    std::int32_t series_first = 0;  // the first attempt of a series behind a refusal, or 0
    bool operator==(const Attempts&) const = default;
};
struct StepRecord {
    std::string name;
    StepStatus status = StepStatus::running;
    std::vector<ItemStatus> items;
    std::vector<std::int32_t> tries;  // of each item: 1, and one more for each refusal asked again
    std::int32_t round = 0;
    std::int32_t undo_round = 0;
    Attempts forward;
    Attempts undo;
    std::string code;
    std::string reference;
    bool operator==(const StepRecord&) const = default;
};

struct State {
    bool exists = false;
    std::string saga;
    std::int32_t definition = 0;
    std::string subject;
    std::string input;
    std::string parent;
    Phase phase = Phase::forward;
    std::string code;
    Timestamp started_at;
    Timestamp deadline;
    Timestamp since;                             // when it last moved
    std::optional<Begun> current;                // none once it ended
    std::vector<StepRecord> steps;               // in the order they began
    std::map<std::string, std::string> signals;  // with their codes

    // The record of a step that has begun, or nullptr.
    const StepRecord* find(std::string_view step) const;
    bool operator==(const State&) const = default;
};

// The move that an event makes the saga do, or nullptr.
const Moved* move_of(const Event& event);

// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::saga
