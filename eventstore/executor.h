// Runs commands: loads the streams a command names, lets it decide on their folded states, appends,
// and only then answers. Whatever waits while an append is in flight goes out with the next one.
// submit() may be called from any thread; answers come one at a time, on the executor's threads,
// and must not block them.
#pragma once

#include <any>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "eventstore/log.h"

namespace skald::eventstore {

using Clock = std::chrono::steady_clock;

// How the events of one category fold into a state. Implementations are immutable and shared by
// threads.
class Fold {
  public:
    virtual ~Fold() = default;
    virtual std::any initial() const = 0;
    // Throws CorruptStream when the event cannot be decoded or cannot follow the state.
    virtual void apply(std::any& state, const StoredEvent& event) const = 0;
    virtual std::size_t bytes(const std::any& state) const = 0;

    // Of streams that grow as long as they live, states are kept as bytes now and then, so that not
    // all events need to be read. The revision says by which rules: it is raised whenever the same
    // events come to another state, or the same state to other bytes. 0: none are kept.
    virtual std::int32_t revision() const { return 0; }
    virtual std::string to_bytes(const std::any& /*state*/) const { return {}; }
    // Nothing when these bytes are none of a state.
    virtual std::optional<std::any> from_bytes(std::string_view /*bytes*/) const { return {}; }
};

struct CorruptStream : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Category -> fold.
using Folds = std::map<std::string, std::shared_ptr<const Fold>, std::less<>>;

// The states of the streams a command named, in the order it named them.
class States {
  public:
    struct Entry {
        const std::any* state;
        Version version;
    };
    explicit States(std::vector<Entry> entries) : entries_(std::move(entries)) {}

    template <class State>
    const State& get(std::size_t i) const {
        return *std::any_cast<State>(entries_.at(i).state);
    }
    Version version(std::size_t i) const { return entries_.at(i).version; }
    std::size_t size() const { return entries_.size(); }

  private:
    std::vector<Entry> entries_;
};

// An answer about state that stands against the command: a stable code, what to tell a person, and
// where in the request.
struct Refusal {
    std::string code;
    std::string detail;
    std::string pointer;               // JSON pointer (RFC 6901) into the request body, or empty
    std::vector<Refusal> others = {};  // what else of the same request stands against it
};

// What a command decided: events per stream it named (none anywhere: nothing to do), or a refusal.
struct Accepted {
    std::vector<std::vector<NewEvent>>
        events;  // index = index of the stream; may be shorter than the streams named
};
using Decided = std::variant<Accepted, Refusal>;

struct Command {
    CommandId id;
    Fingerprint fingerprint{};
    bool id_from_outside = false;         // then "nothing to do" leaves a receipt too
    bool refusal_leaves_receipt = false;  // a saga's step: asking again gives the same answer
    bool first = false;               // sagas and operators: goes before all commands from outside
    std::vector<StreamName> streams;  // the command's own stream first; those only read behind it
    std::optional<Version> if_match;  // the version the caller requires of the command's own stream
    std::function<Decided(const States&)> decide;  // pure; may run more than once
    Clock::time_point deadline;
};

enum class AnswerKind {
    done,              // accepted now, or by an earlier send of the same command (`replayed`)
    refused,           // the state stands against it
    version_mismatch,  // if_match does not hold
    key_reused,        // the command id belongs to another request
    cancelled,         // the command was cancelled before it ran
    overloaded,        // not tried: too much is waiting
    timed_out,         // not done, and it never will be unless sent again
    outcome_unknown,   // it may or may not have happened: sending it again tells
    corrupt,           // a stream it needs cannot be read
    invalid            // the store refuses its data
};

struct Answer {
    AnswerKind kind = AnswerKind::done;
    CommandId id;
    StreamName stream;
    Version version;         // of the command's own stream, once the command was done; of
                             // version_mismatch: the present one
    std::int32_t count = 0;  // events appended to the command's own stream
    bool replayed = false;
    Refusal refusal;  // of refused, corrupt and invalid
    std::vector<std::pair<Partition, Position>>
        heads;  // a lower bound of what this answer reflects
};

using Reply = std::function<void(Answer)>;

struct ExecutorLimits {
    std::size_t queue_max =
        4096;  // commands waiting, beyond which outside commands get `overloaded`
    std::size_t batch_commands_max = 512;
    std::size_t batch_bytes_max = 8 * 1024 * 1024;
    std::size_t cache_bytes_max = 64 * 1024 * 1024;
    std::chrono::milliseconds retry_pause{50};
    std::chrono::milliseconds snapshot_pause{200};  // between two writings of snapshots
};

// A batch that is durable. Refers to what is gone when the call returns.
struct Commit {
    std::span<const AppendCommand> commands;
    const AppendResult& result;
    Clock::time_point sent;  // it happened after that
};

// Who hears of the appends of an executor, on its threads, one call at a time.
struct CommitListener {
    std::function<void(const Commit&)> committed;  // before the callers are answered
    // The log was away, or what an append came to is unknown: it may have come back as an older
    // self. Heard before the next commit.
    std::function<void()> log_was_away;
};

class Executor {
  public:
    Executor(LogFactory logs, Folds folds, ExecutorLimits limits, CommitListener listener = {});
    ~Executor();  // stop()s
    Executor(const Executor&) = delete;

    // Takes the command, or answers `overloaded` at once. The reply is called exactly once.
    void submit(Command command, Reply reply);
    // The same, waiting for the answer.
    Answer run(Command command);
    // Finishes what is in flight, answers `timed_out` to what has not begun.
    void stop();
    std::size_t waiting() const;

    class Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace skald::eventstore
