// Events of the log: from this process's tail ring where it has the next ones, else from the log
// itself, as many partitions in one statement as fit. Partitions are read in turn, so that a long
// one does not keep the others waiting; when all are at their heads, the source sleeps until a head
// is announced. While there is much to catch up with, it asks for the next events while those
// before are being taken. One thread.
//
// A follower's fork rule holds with the ring as without: the log is asked over a connection, and a
// log that went back in time broke it; the ring gives nothing once the log was away (tail_ring.h).
// Either way poll() throws, and the follower checks before it goes on.
#pragma once

#include <future>
#include <map>
#include <memory>

#include "eventstore/head_watch.h"
#include "eventstore/step.h"
#include "eventstore/tail_ring.h"

namespace skald::eventstore {

// Of all partitions together: what one statement should find, for its rows are in memory at once.
inline constexpr std::int64_t events_of_statement = 10'000;

class LogSource : public Source {
  public:
    // `per_partition` bounds a run, `bytes_max` (of data and meta) all runs of a poll together. The
    // watch needs a HeadPoller, unless all appends are announced to it. The ring, if there is one,
    // outlives the source.
    LogSource(std::unique_ptr<Log> log, HeadWatch& heads, ReadLimit per_partition = {},
              std::int64_t bytes_max = 16 * 1024 * 1024, const TailRing* ring = nullptr);
    LogSource(std::unique_ptr<Log> log, HeadWatch& heads, const TailRing* ring)
        : LogSource(std::move(log), heads, {}, 16 * 1024 * 1024, ring) {}

    void assign(Partition partition, const Cursor& at) override;
    void unassign(Partition partition) override;
    // Also throws Unavailable when the log has less than was announced, and when it was away: it
    // went back in time, or may have.
    std::vector<Run> poll(std::chrono::milliseconds wait) override;

    // How often the log was asked for events.
    std::uint64_t asked_log() const { return asked_log_; }
    // How often it gave some that the ring had not even then: somebody else's. An event of this
    // process can be seen in the log a moment before it is in the ring.
    std::uint64_t gave_others() const { return gave_others_; }

  private:
    // What to ask the log for, and how many events are to be expected.
    struct Question {
        std::vector<PartitionFrom> from;
        std::int64_t events = 0;
        std::int64_t bytes_max = 0;
    };
    std::vector<Run> read_ready();
    Question in_turn(std::vector<Run>* from_ring);
    std::vector<StoredEvent> ask(const Question& question);
    std::vector<Run> answered(const Question& question, std::vector<StoredEvent> events);
    void take(const Run& run);
    void ask_ahead();
    void drop_ahead();

    std::unique_ptr<Log> log_;
    HeadWatch& heads_;
    ReadLimit per_partition_;
    std::int64_t bytes_max_;
    const TailRing* ring_;
    TailRing::Life life_;
    std::map<Partition, Position> cursors_;
    Partition turn_{0};  // the first partition to look at
    std::uint64_t asked_log_ = 0;
    std::uint64_t gave_others_ = 0;
    Question asked_ahead_;
    std::future<std::vector<StoredEvent>> ahead_;  // last: waits for the log's thread
};

// By partition, what read_partitions() gave when it was asked for so many bytes of partitions that
// were announced to have more: of the first of them, as far as there was room. Throws Unavailable
// when one has less than was announced.
std::vector<Run> runs_of(std::vector<StoredEvent> events, std::span<const PartitionFrom> asked,
                         std::int64_t bytes_max);

}  // namespace skald::eventstore
