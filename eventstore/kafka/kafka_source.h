// Events from Kafka, which a process reads once for all its sources (topic_feed.h), with the log as
// fallback. Both feed one position gate per partition: Kafka's records flow through it all the
// time, and whenever Kafka cannot give the next position (a hole, silence while the log's head is
// ahead, a record it no longer has, a broker that is away) the log is read instead, until Kafka has
// reached the same place again. So it does not matter for correctness where in the topic the
// reading starts, only for speed. Records that were there when the reading began are looked up in
// the log, by the last event of each run: a topic that holds events which the log has lost (it was
// restored, or a replica took over) is not read. Events from Kafka carry no command and no meta.
// One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "diagnostics/metrics.h"
#include "eventstore/head_watch.h"
#include "eventstore/kafka/topic_feed.h"
#include "eventstore/log_source.h"
#include "eventstore/position_gate.h"

namespace skald::eventstore {

struct KafkaSourceOptions {
    std::string follower;                       // in metrics
    ReadLimit per_partition{};                  // of what is read from the log
    std::int64_t bytes_max = 16 * 1024 * 1024;  // of all that is read from it in a poll
    std::chrono::milliseconds silence_max{250};
};

class KafkaSource : public Source {
  public:
    // `log` gives the events Kafka does not, and the era: records of a lower one are refused.
    KafkaSource(KafkaSourceOptions options, std::shared_ptr<TopicFeed> feed,
                std::unique_ptr<Log> log, HeadWatch& heads);

    void assign(Partition partition, const Cursor& at) override;
    void unassign(Partition partition) override;
    // Throws Unavailable when the log is needed and away, and when Kafka's records are of a higher
    // era than the log was when this source was made.
    std::vector<Run> poll(std::chrono::milliseconds wait) override;

    // Is this partition read from the log at present?
    bool on_log(Partition partition) const { return assigned_.at(partition).on_log; }

  private:
    using Clock = std::chrono::steady_clock;

    struct Assigned {
        PositionGate gate;
        bool on_log = false;
        std::optional<Position> unproven_to;  // the log's head when the reading began
        bool proven = false;                  // Kafka gave an event beyond it that the log has
        Position kafka_at;                    // the furthest record Kafka gave, taken or not
        std::optional<Clock::time_point> silent_since;  // head ahead, and Kafka has nothing
        bool warned = false;                            // of records that are dropped
    };
    struct Meters {
        explicit Meters(const std::string& follower);
        prometheus::Counter& from_kafka;
        prometheus::Counter& from_log;
        prometheus::Counter& repeats;
        prometheus::Counter& refused;
        prometheus::Gauge& on_log;
    };
    struct Round {
        std::map<Partition, Events> runs;
        std::map<Partition, Cursor> began;  // where each run from Kafka continues
        bool drained = false;               // Kafka has nothing more at present
    };

    void take_from_kafka(Round& round, std::chrono::milliseconds wait);
    void take_piece(Round& round, const Piece& piece);
    static Passage judge(const PositionGate& gate, const Piece& piece);
    void take_rest(Round& round, Assigned& to, const Piece& piece);
    void prove(Round& round);
    std::map<Partition, EventId> in_the_log(const std::vector<PartitionFrom>& before);
    void abandon_kafka(Partition partition, Assigned& to, Position at);
    static void note_kafka_at(Assigned& to, Position position);
    void drop(Assigned& to, Partition partition, const std::string& why);
    void watch_silence(const Round& round, const Heads& heads);
    void read_log(Round& round, const Heads& heads);
    std::vector<PartitionFrom> in_turn(const Round& round, const Heads& heads);
    void go_to_log(Partition partition, Assigned& to, const std::string& why);
    bool any_on_log() const;

    KafkaSourceOptions options_;
    std::unique_ptr<Log> log_;
    HeadWatch& heads_;
    Era era_;
    TopicFeed::Reader records_;
    Meters meters_;
    std::map<Partition, Assigned> assigned_;
    Clock::time_point heard_{};  // when Kafka gave anything last
    Partition turn_{0};          // the first partition to read from the log
};

}  // namespace skald::eventstore
