// The parts a follower is put together from: a cursor per partition, a source of events, leases on
// partitions, and a step that does something with the events. Each is called by the follower's one
// thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "eventstore/log.h"

namespace skald::eventstore {

// The last event taken, or position 0 and a nil id before the first.
struct Cursor {
    Position position;
    EventId event;
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

inline Cursor cursor_at(const StoredEvent& event) { return Cursor{event.position, event.id}; }

// The cursor was moved by somebody else: this owner is no longer the partition's owner. The
// follower lets go of it.
struct Fenced : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The same of some partitions, found out between runs.
struct PartitionsFenced : std::runtime_error {
    PartitionsFenced(std::vector<Partition> which, const std::string& why)
        : std::runtime_error(why), partitions(std::move(which)) {}
    std::vector<Partition> partitions;
};

// Events that nobody changes any more, so that several may hold the same ones.
class Events {
  public:
    Events() = default;
    Events(std::vector<StoredEvent> events)
        : Events(std::make_shared<const std::vector<StoredEvent>>(std::move(events)), 0) {}
    // All of these from number `from` on.
    Events(std::shared_ptr<const std::vector<StoredEvent>> all, std::size_t from)
        : all_(std::move(all)), events_(std::span(*all_).subspan(from)) {}

    const StoredEvent* begin() const { return events_.data(); }
    const StoredEvent* end() const { return events_.data() + events_.size(); }
    const StoredEvent* data() const { return events_.data(); }
    std::size_t size() const { return events_.size(); }
    bool empty() const { return events_.empty(); }
    const StoredEvent& front() const { return events_.front(); }
    const StoredEvent& back() const { return events_.back(); }

  private:
    std::shared_ptr<const std::vector<StoredEvent>> all_;
    std::span<const StoredEvent> events_;
};

// A run of events of one partition, positions ascending without holes.
struct Run {
    Partition partition;
    Events events;
};

// A run and where its partition stands.
struct RunAt {
    Partition partition;
    Cursor at;
    std::span<const StoredEvent> run;
};

// What is done with the events. Any exception but Fenced counts as passing: it is tried again, from
// open() on, with back-off.
class Step {
  public:
    virtual ~Step() = default;
    // Takes the partition over and tells where it stands.
    virtual Cursor open(Partition partition) = 0;
    // A run that apply() is about to get, announced for all partitions of a round before the first
    // apply(): whoever waits for another machine can let the waits overlap. apply() need not follow
    // (close() does then).
    virtual void begin(Partition, const Cursor& /*at*/, std::span<const StoredEvent> /*run*/) {}
    // Takes what it can of a round's runs at once, each as apply() does, and returns the new
    // cursors of those it took. The others go to apply(), which tells what is wrong with them.
    // Throws when it is the same for all, which then count as failed.
    virtual std::map<Partition, Cursor> apply_together(std::span<const RunAt> /*runs*/) {
        return {};
    }
    // Takes a run of events that begins at `at.position + 1` and has no holes, wholly or not at
    // all, and returns the new cursor. Throws Fenced when the stored cursor is not `at`.
    virtual Cursor apply(Partition partition, const Cursor& at,
                         std::span<const StoredEvent> run) = 0;
    // The partition is no longer this owner's, or is about to be opened anew. Does not throw.
    virtual void close(Partition partition) = 0;
    // Called between rounds, several times a second, for what is done lazily. Throws
    // PartitionsFenced; of anything else is only made a note.
    virtual void tick() {}
    // How long the next tick() can wait.
    virtual std::chrono::milliseconds tick_within() const { return std::chrono::hours(1); }
    // The last tick() before all partitions are closed because the follower ends.
    virtual void last_tick() { tick(); }
};

// Where a follower's events come from.
class Source {
  public:
    virtual ~Source() = default;
    virtual void assign(Partition partition, const Cursor& at) = 0;
    virtual void unassign(Partition partition) = 0;
    // Runs beyond the assigned cursors, at most one of each partition, each beginning at its cursor
    // + 1, which thereby moves to the run's last event. Waits up to `wait` when there is nothing.
    // Throws Unavailable.
    virtual std::vector<Run> poll(std::chrono::milliseconds wait) = 0;
};

// Exclusive, expiring ownership of (follower name, partition). Throws Unavailable.
class Leases {
  public:
    virtual ~Leases() = default;
    // How long a partition stays held after a renewal.
    virtual std::chrono::milliseconds duration() const = 0;
    // Renews what is held, gives up what exceeds this owner's fair share of the live owners, takes
    // what is free or expired up to that share. Returns all partitions now held.
    virtual std::vector<Partition> renew() = 0;
    virtual void release_all() = 0;
};

}  // namespace skald::eventstore
