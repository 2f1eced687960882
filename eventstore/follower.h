// A follower walks the partitions it holds a lease on, from a cursor, through a source, and hands
// each run of events to its step. Relay and projections are steps; what is common (leases, position
// rules, fork check, retries, lag) lives here once.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eventstore/head_watch.h"
#include "eventstore/log.h"

namespace skald::eventstore {

// The last event taken, or position 0 and a nil id before the first.
struct Cursor {
    Position position;
    EventId event;
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

// The cursor was moved by somebody else: this owner is no longer the partition's owner. The
// follower lets go of it.
struct Fenced : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What is done with the events. Called by one thread. Any exception but Fenced counts as passing:
// it is tried again, from open() on, with back-off.
class Step {
  public:
    virtual ~Step() = default;
    // Takes the partition over and tells where it stands.
    virtual Cursor open(Partition partition) = 0;
    // Takes a run of events that begins at `at.position + 1` and has no holes, wholly or not at
    // all, and returns the new cursor. Throws Fenced when the stored cursor is not `at`.
    virtual Cursor apply(Partition partition, const Cursor& at,
                         std::span<const StoredEvent> run) = 0;
    // The partition is no longer this owner's.
    virtual void close(Partition partition) = 0;
};

// A run of events of one partition, positions ascending without holes.
struct Run {
    Partition partition;
    std::vector<StoredEvent> events;
};

// Where a follower's events come from. Called by one thread.
class Source {
  public:
    virtual ~Source() = default;
    virtual void assign(Partition partition, const Cursor& at) = 0;
    virtual void unassign(Partition partition) = 0;
    // Runs beyond the assigned cursors, each beginning at its cursor + 1, which thereby moves to
    // the run's last event. Waits up to `wait` when there is nothing. Throws Unavailable.
    virtual std::vector<Run> poll(std::chrono::milliseconds wait) = 0;
};

// Exclusive, expiring ownership of (follower name, partition), judged by the database's clock.
// Throws Unavailable.
class Leases {
  public:
    virtual ~Leases() = default;
    // Renews what is held, gives up what exceeds this owner's fair share of the live owners, takes
    // what is free or expired up to that share. Returns all partitions now held.
    virtual std::vector<Partition> renew() = 0;
    virtual void release_all() = 0;
};

enum class FollowerState { starting, following, waiting_to_retry, forked, fenced, stopped };

// What operators see of one partition of a follower. `detail` says why it does not follow, where it
// does not.
struct FollowerProgress {
    Partition partition;
    FollowerState state = FollowerState::starting;
    Position position;
    Position head;
    std::string detail;
};

}  // namespace skald::eventstore
