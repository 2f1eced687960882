// The saga's mind: what happens next, given where it stands and what was learned. Pure: no clock,
// no log, no randomness; whoever calls it brings the time and appends what comes out. Told the same
// thing twice, or something that is no longer true, it answers with no event.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sagas/engine/process.h"

namespace skald::sagas {

struct Start {
    std::string subject;
    std::string input;
    std::string parent;
};
// Answers to commands of a step: done or refused; of its undoing: undone, or refused.
struct Replies {
    std::string step;
    bool undo = false;
    std::vector<saga::Reply> replies;
};
// Somebody wants to make the step's call, and may if an AttemptStarted comes of it.
struct Claim {
    std::string step;
    bool undo = false;
    bool asked = false;  // the world was asked for earlier attempts, and knows of none
};
// What an attempt came to, told by the call itself or, with `asked`, by asking for it afterwards:
// done, refused, unknown, or not_sent (this attempt surely did not happen; asked: none ever will).
struct AttemptResult {
    std::string step;
    bool undo = false;
    saga::Outcome outcome = saga::Outcome::unknown;
    std::string code;
    std::string reference;
    bool asked = false;
    std::string detail = {};
    std::int32_t attempt = 0;  // that it is of, or the last one when it was asked; 0: not known
};
// From outside, or of a child saga that ended; with a code where it did not end as was hoped.
struct Signal {
    std::string name;
    std::string code = {};
};
// Everything is to be undone, if that is still possible.
struct Abort {
    std::string code;
};
// A deadline has passed: the one that next_due() told.
struct Due {
    kernel::Timestamp due{};
};

BOOST_DEFINE_ENUM_CLASS(RepairAction, retry, record_done, record_refused, skip, undo, abandon)

// What an operator does to a saga that is stuck.
struct Repair {
    RepairAction action = RepairAction::retry;
    std::string actor;
    std::string reason;
    std::string reference = {};  // of record_done: what the world calls it
};

using Input = std::variant<Start, Replies, Claim, AttemptResult, Signal, Abort, Due, Repair>;

// The error is a stable code: not_stuck, unknown_saga, undo_cannot_be_refused, cannot_be_undone,
// outcome_unknown or impossible_outcome of repairs, too_late of aborts.
using Reaction = Result<std::vector<saga::Event>, std::string>;

// `companions` takes what happens to the streams beside the saga's. `at` is the database's time.
Reaction react(const Process& process, const saga::State& state, const Input& input,
               Companions& companions, kernel::Timestamp at);

// When react should be told Due; nothing where no time matters.
std::optional<kernel::Timestamp> next_due(const Process& process, const saga::State& state);

// What a saga under way wants done now. Doing it twice, or not at all when somebody else is at it,
// is right.
enum class EffectKind {
    send,    // command `item` of the step
    undo,    // the command that undoes it
    cancel,  // keep it from ever running; where it has run, undo it
    claim,   // claim an attempt of the call, and then make it
    ask,     // ask the world for a call whose outcome is unknown
    start_child
};
struct Effect {
    EffectKind kind;
    std::string step;
    bool undo = false;  // of claim and ask: of the undoing call
    std::int32_t item = 0;
    friend bool operator==(const Effect&, const Effect&) = default;
};
std::vector<Effect> effects(const Process& process, const saga::State& state);

// Nothing is wanted of it and nothing under way for it: it waits for the log, for time or for an
// operator.
bool at_rest(const Process& process, const saga::State& state);

// Whether the step that nothing can be undone behind is done.
bool behind_pivot(const Definition& definition, const saga::State& state);

// What a saga that is given up leaves undone, one line each: steps done, or perhaps done, that
// acquired something which no later step settled.
std::vector<std::string> residue(const Definition& definition, const saga::State& state);
// Of these resources only, and without what may be under way.
std::vector<std::string> residue(const Definition& definition, const saga::State& state,
                                 Resources of);

}  // namespace skald::sagas
