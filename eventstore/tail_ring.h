// The newest events that this process committed, kept so that its followers need not ask PostgreSQL
// for what the process itself has just written. Executors add; log
// sources take. What the ring lacks (it is bounded, and other processes commit too) is read from
// the log. Thread-safe.
//
// The log may go back in time (a restore, a failover). So whoever notices that it was away makes
// the ring forget everything, which ends its `life`: commits that were sent before are not taken
// any more, and a source that was made in an earlier life gets Unavailable instead of events. Its
// follower then opens all partitions anew, which begins with the fork check. Hence a source is
// given events of one life only, all of one history of the log, and a follower goes on from one
// life to the next only where the log still holds the event it took last.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "eventstore/executor.h"

namespace skald::eventstore {

inline constexpr std::size_t tail_ring_bytes_max = 16 * 1024 * 1024;

// The events that a commit left, as reading them back would give them: by partition, positions
// ascending.
std::map<Partition, std::vector<StoredEvent>> left_by(const Commit& commit,
                                                      std::int32_t partitions);

class TailRing {
  public:
    using Life = std::uint64_t;

    // `bytes_max` bounds the events of all partitions together; the oldest go first.
    explicit TailRing(std::int32_t partitions, std::size_t bytes_max = tail_ring_bytes_max);

    // Before its heads are announced, or followers read it from the log after all.
    void add(const Commit& commit);
    // The log was away.
    void forget();

    Life life() const;
    // The events of a partition with position > `position`, in order, without holes, as far as they
    // are here: none when the next one is not. Throws Unavailable once that life has ended.
    std::vector<StoredEvent> after(Life life, Partition partition, Position position,
                                   const ReadLimit& limit) const;
    bool holds(Partition partition, Position position) const;

  private:
    using Events = std::shared_ptr<const std::vector<StoredEvent>>;
    using Runs = std::map<Position, Events>;  // what a commit left, by its first position
    struct Age {
        Partition partition;
        Position first;
        std::size_t bytes;
    };

    const Runs& runs_of(Partition partition) const;
    static Runs::const_iterator run_with(const Runs& runs, Position position);
    void evict();

    const std::int32_t partitions_;
    const std::size_t bytes_max_;
    mutable std::mutex mutex_;
    std::vector<Runs> runs_;  // by partition
    std::deque<Age> ages_;    // oldest first
    std::size_t bytes_ = 0;
    Life life_ = 1;
    Clock::time_point forgotten_at_{};
};

}  // namespace skald::eventstore
