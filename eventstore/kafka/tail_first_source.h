// Where projectors of a process that also commits get their events: from the log by way of the tail
// ring as long as nearly all that comes is the process's own, and from Kafka while other processes
// commit too, or while there is much to catch up with. So what a process has just written goes
// through neither PostgreSQL nor Kafka to its own read models, which follow while Kafka is away in
// any case. One thread.
//
// What others commit is found by the process's HeadPoller, and read from PostgreSQL: that late, and
// at that cost, until Kafka has taken over.
#pragma once

#include "diagnostics/metrics.h"
#include "eventstore/kafka/kafka_source.h"
#include "eventstore/tail_ring.h"

namespace skald::eventstore {

struct TailFirstOptions {
    KafkaSourceOptions kafka;
    // More reads of others' events from PostgreSQL than that within a second: on to Kafka.
    std::uint64_t reads_a_second_max = 5;
    // Nothing came from Kafka for so long that the ring did not have: back to the ring.
    std::chrono::milliseconds calm{10'000};
};

class TailFirstSource : public Source {
  public:
    // The feed outlives the source.
    TailFirstSource(TailFirstOptions options, SharedTopicFeed& feed, LogFactory logs,
                    HeadWatch& heads, const TailRing& ring);

    void assign(Partition partition, const Cursor& at) override;
    void unassign(Partition partition) override;
    // Also throws Unavailable when the log was away (tail_ring.h).
    std::vector<Run> poll(std::chrono::milliseconds wait) override;

    bool on_kafka() const { return kafka_ != nullptr; }

  private:
    using Clock = std::chrono::steady_clock;

    void go_to_kafka();
    void go_to_ring();
    bool reads_too_often();
    bool calm_since(const std::vector<Run>& runs);

    TailFirstOptions options_;
    SharedTopicFeed& feed_;
    LogFactory logs_;
    HeadWatch& heads_;
    const TailRing& ring_;
    const TailRing::Life life_;
    prometheus::Gauge& on_kafka_;
    std::map<Partition, Cursor> cursors_;
    // One of them is there.
    std::unique_ptr<LogSource> log_;
    std::unique_ptr<KafkaSource> kafka_;
    Clock::time_point second_began_{};  // in which reads are counted
    std::uint64_t reads_before_ = 0;    // it
    Clock::time_point others_at_{};     // when Kafka gave what the ring did not have
};

}  // namespace skald::eventstore
