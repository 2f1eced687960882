// Reads partitions of the topic from offsets of the caller's choosing: no groups, no commits, and
// an offset that Kafka does not have is an error, never silently another one. One thread.
#pragma once

#include <set>
#include <vector>

#include "eventstore/kafka/client.h"
#include "eventstore/kafka/record.h"

namespace skald::eventstore {

inline constexpr std::int64_t offset_end =
    RD_KAFKA_OFFSET_END;  // only what is produced from now on

class KafkaConsumer {
  public:
    // `fetch_wait`: how long the broker may hold a request when it has nothing; a partition that is
    // started meanwhile waits as long.
    KafkaConsumer(const KafkaSettings& settings, std::chrono::milliseconds fetch_wait);
    ~KafkaConsumer();
    KafkaConsumer(const KafkaConsumer&) = delete;
    KafkaConsumer& operator=(const KafkaConsumer&) = delete;

    void start(Partition partition, std::int64_t offset);
    // What it read ahead of this partition is dropped.
    void stop(Partition partition);

    // The next message of any started partition (`err` set: that partition cannot be read), or null
    // after `wait`.
    KafkaMessage next(std::chrono::milliseconds wait);
    // What there is, at most so many, after waiting up to `wait` for the first.
    std::vector<KafkaMessage> take(std::chrono::milliseconds wait, std::size_t messages_max);

    struct Watermarks {
        std::int64_t low;   // offset of the first record kept
        std::int64_t high;  // offset after the last record
    };
    // Asks the broker. Throws KafkaUnavailable.
    Watermarks watermarks(Partition partition);

  private:
    KafkaSettings settings_;
    KafkaHandle client_;
    KafkaTopic topic_;
    KafkaQueue queue_;
    std::set<Partition> started_;
};

// The event in a message without `err`, or what is wrong with it.
Result<PublishedEvent, std::string> event_of(const rd_kafka_message_t& message);

}  // namespace skald::eventstore
