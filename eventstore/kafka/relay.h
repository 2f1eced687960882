// The step that publishes the log to Kafka: each partition's events to the same partition of the
// topic, in order. Its cursor is the topic itself, read back on open(), so there is no moment
// between producing and noting at which a crash could lose or reorder anything: at worst the last
// records are repeated, byte for byte, and readers drop them by their position.
//
// Any error, and any silence longer than `ack_timeout`, makes the fate of all that is in flight
// unknown: the producer is given up and the follower opens the partitions anew.
#pragma once

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

  private:
    using Clock = std::chrono::steady_clock;

    struct Open {
        Cursor at;
        Cursor noted;
        std::int64_t proven_in = 0;  // the producer (by number) that had a record acknowledged here
        std::int64_t begun_in = 0;   // the producer that has a run in flight; 0: none
        std::int64_t begun = 0;      // records of that run handed over so far
        std::int64_t acked_from = 0;  // the producer's count of acknowledgements before the run
    };

    void reach_kafka();
    void kafka_is_away();
    void produce(Partition partition, Open& open, std::span<const StoredEvent> part);
    void await_all_begun(Partition partition, const Open& open);
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
    bool noting_failed_ = false;
    Clock::time_point note_at_{};
    Clock::time_point no_noting_until_{};
};

// An operator has to decide before this partition can be published.
struct RelayRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace skald::eventstore
