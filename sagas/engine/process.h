// What a saga adds to its table of steps: what the steps mean. A process is immutable and shared by
// threads; its functions are pure.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/kernel/result.h"
#include "domain/saga/saga.h"
#include "eventstore/executor.h"
#include "sagas/engine/definition.h"

namespace skald::sagas {

// When a step touches the streams that are appended together with the saga's own.
enum class Moment {
    act,              // a local step, done or undone
    attempt_started,  // of a call
    succeeded,        // of a call
    refused,
    unknown,
    never,  // asked for afterwards: it did not happen and never will
    // What an operator decides of a saga that is stuck, told of the step it is stuck at. What was
    // begun of it is over then, as far as anybody will ever know.
    skipped,     // it goes on past the step
    called_off,  // what was done so far is undone, and nothing more is tried
    abandoned    // it ends as it stands
};

constexpr bool by_operator(Moment moment) { return moment >= Moment::skipped; }
// The code of those.
inline constexpr const char* given_up_by_operator = "given_up_by_operator";
// And of `refused` where it is an operator's word, with which the call is over for good.
inline constexpr const char* recorded_by_operator = "recorded_by_operator";

struct Happening {
    std::string_view step;
    bool undo = false;
    Moment moment = Moment::act;
    std::string reference;  // of a call that succeeded
    std::string detail;     // and what else the world said
    std::string code;       // of a call that was refused; of an undoing: why
    kernel::Timestamp at;
};

// What a local step notes: its reference, for later steps to go by. The error is a stable code.
using Taken = Result<std::string, std::string>;

// The error of an attempt that must wait for something else first: it is claimed again later.
inline constexpr const char* not_now = "not_now";

// The things beside the saga's stream that its own appends change: copies of their states, which
// take what happens and collect it.
class Companions {
  public:
    virtual ~Companions() = default;
    // After an error nothing has changed. A local step that is refused fails; an attempt is not
    // made, and a call's outcome that cannot be is for an operator to look at.
    virtual Taken take(const saga::State& saga, const Happening& what) = 0;
    // What was taken, by stream, in the order of Process::companion_streams(); `meta` goes with it.
    virtual std::vector<std::vector<eventstore::NewEvent>> events(
        const std::string& meta) const = 0;
};

// Of a saga that changes nothing but its own stream.
class NoCompanions : public Companions {
  public:
    Taken take(const saga::State&, const Happening&) override { return {}; }
    std::vector<std::vector<eventstore::NewEvent>> events(const std::string&) const override {
        return {};
    }
};

// One command of a step, or what undoes it.
struct Send {
    eventstore::Command command;
    // Refusals that mean that its aim is reached already.
    std::vector<std::string> fine;
};

class Process {
  public:
    virtual ~Process() = default;

    virtual const Definition& definition() const = 0;

    // Streams of the saga's own partition whose things act() may change.
    virtual std::vector<eventstore::StreamName> companion_streams(
        const std::string& subject) const = 0;
    // `states` from index `first` on are those streams' states.
    virtual std::unique_ptr<Companions> companions(const eventstore::States& states,
                                                   std::size_t first) const = 0;

    virtual std::int32_t items(const saga::State&, std::string_view /*step*/) const { return 0; }
    virtual bool skips(const saga::State&, std::string_view /*step*/) const { return false; }
    // 0: Step::then, 1: Step::or_then, which if empty means complete, as 2 does.
    virtual std::size_t next(const saga::State&, std::string_view /*step*/) const { return 0; }

    // Item `item` of a step of commands; `meta` goes with its events. The id, the deadline and the
    // precedence are the engine's.
    virtual Send send(const saga::State&, std::string_view step, std::int32_t item, bool undo,
                      const std::string& meta) const;
    // The saga that a child step starts: its name and its subject; its input.
    struct Child {
        std::string saga;
        std::string subject;
        std::string input;
    };
    virtual Child child(const saga::State&, std::string_view step) const;
};

// The code of `unknown` when the world was asked and has nothing so far, though something may yet
// arrive: the same call may be made again.
inline constexpr const char* not_there = "not_there";

// What a call to the world, or asking for one afterwards, came to: done, refused, unknown or
// not_sent.
struct CallResult {
    saga::Outcome outcome = saga::Outcome::unknown;
    std::string code;       // of refused
    std::string reference;  // of done: what the world calls it
    std::string detail;     // of done: for the process, in its own form
};

// Where the calls of a process go. Blocking and thread-safe; an exception counts as unknown.
class World {
  public:
    virtual ~World() = default;
    // How many calls may be under way now. 0 while one would be turned away without being made:
    // then none is claimed, so that an outage of the world does not fill the log with attempts.
    // Cheap.
    virtual std::size_t room() const { return std::numeric_limits<std::size_t>::max(); }
    // Whom the calls go to: worlds with the same one share its room.
    virtual const void* partner() const { return this; }
    // `key` is the same for every attempt of one call, so that the world can tell a repeat. A call
    // that the world refused is made under another one when an operator has it made again.
    virtual CallResult call(const saga::State& saga, std::string_view step, bool undo,
                            const std::string& key, milliseconds timeout) = 0;
    // What became of the call with that key; not_sent: nothing, and nothing ever will.
    virtual CallResult ask(const saga::State& saga, std::string_view step, bool undo,
                           const std::string& key, milliseconds timeout) = 0;
};

}  // namespace skald::sagas
