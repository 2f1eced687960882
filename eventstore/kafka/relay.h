// The step that publishes the log to Kafka: each partition's events to the same partition of the
// topic, in order. Its cursor is the topic itself, read back on open(), so there is no moment
// between producing and noting at which a crash could lose or reorder anything: at worst the last
// records are repeated, byte for byte, and readers drop them by their position.
//
// Runs are handed over without waiting for those before: the cursor of a partition is what was
// handed over, and only what is acknowledged is noted as published. Any error, and any silence
// longer than `ack_timeout`, makes the fate of all that is in flight unknown: the producer is given
// up and the follower opens the partitions anew, each behind the end of its topic.
#pragma once

#include <deque>
#include <exception>
#include <map>
#include <memory>

#include "eventstore/kafka/consumer.h"
#include "eventstore/kafka/producer.h"
#include "eventstore/kafka/topic.h"
#include "eventstore/relay_progress.h"

namespace skald::eventstore {

struct RelayOptions {
    KafkaSettings kafka;
    TopicSettings topic;
    RecordFormat format;
    Era era{1};
    std::chrono::milliseconds ack_timeout{2000};
    std::chrono::milliseconds lease{3000};  // how long its partitions stay held
    std::chrono::milliseconds note_every{1000};
    bool republish = false;  // fill a topic that was made anew from position 1 on
};

// A silent broker must be given up before the leases run out: the options with all that a relay
// waits for lowered to two thirds of the lease.
RelayOptions within_lease(RelayOptions options);

class Relay : public Step {
  public:
    // Takes the options as within_lease() gives them.
    Relay(RelayOptions options, RelayProgress& progress);

    // Throws TopicMismatch, KafkaUnavailable, and RelayRefused where an operator has to decide.
    Cursor open(Partition partition) override;
    void begin(Partition partition, const Cursor& at, std::span<const StoredEvent> run) override;
    Cursor apply(Partition partition, const Cursor& at, std::span<const StoredEvent> run) override;
    void close(Partition partition) override;
    void tick() override;

    // The source to follow: `from`, which throws KafkaUnavailable when what is in flight came to
    // nothing, so that the follower opens its partitions anew.
    std::unique_ptr<Source> following(std::unique_ptr<Source> from);

  private:
    using Clock = std::chrono::steady_clock;
    class Followed;

    struct Flight {
        Cursor to;
        std::int64_t records;
        std::int64_t acknowledged;  // the producer's count once the run is
    };
    struct Open {
        Cursor at;     // handed over
        Cursor acked;  // in the topic
        Cursor noted;
        std::int64_t proven_in = 0;  // the producer (by number) that had a record acknowledged here
        std::int64_t producer = 0;   // the one that was handed what is in flight
        std::int64_t handed = 0;     // its count once all of it is acknowledged
        std::int64_t seen = 0;       // its count as looked at last
        Clock::time_point heard{};   // when that moved, or the first record was handed over
        std::int64_t begun = 0;      // records of the run that begin() told of, handed over so far
        bool has_begun = false;
        std::deque<Flight> runs;  // in flight
    };

    void reach_kafka();
    void kafka_is_away();
    void produce(Partition partition, Open& open, std::span<const StoredEvent> part);
    void take_acknowledgements(std::chrono::milliseconds wait);
    void take_acknowledged(Partition partition, Open& open);
    void await_all(Partition partition, const Open& open);
    void make_room();
    bool lost(const Open& open) const;
    std::chrono::milliseconds patience(const Open& open) const;
    void check_in_flight();
    void discard_producer();
    // In one statement: a relay that waits for each partition's keeps its records waiting.
    void note(const std::map<Partition, Open*>& which);

    RelayOptions options_;
    RelayProgress& progress_;
    std::map<Partition, Open> open_;
    bool topic_checked_ = false;
    Clock::time_point unreachable_until_{};
    std::exception_ptr unreachable_why_;
    std::unique_ptr<KafkaConsumer> tail_reader_;
    std::unique_ptr<Producer> producer_;
    std::int64_t producer_number_ = 0;
    std::int64_t in_flight_ = 0;  // records
    bool noting_failed_ = false;
    Clock::time_point note_at_{};
    Clock::time_point no_noting_until_{};
};

// An operator has to decide before this partition can be published.
struct RelayRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace skald::eventstore
