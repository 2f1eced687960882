// A topic of a test's own on the test run's Kafka (SKALD_TEST_KAFKA, or any other broker), and what
// tests do to it and ask of it. Deleted at the end.
#pragma once

#include <map>

#include "eventstore/kafka/consumer.h"
#include "eventstore/step.h"

namespace skald::tests {

class TestTopic {
  public:
    // Only a name: nothing is made until create() or a relay does it.
    TestTopic();
    explicit TestTopic(std::string brokers);
    ~TestTopic();
    TestTopic(const TestTopic&) = delete;

    const eventstore::KafkaSettings& settings() const { return settings_; }
    void create(std::int32_t partitions, const std::map<std::string, std::string>& config = {});
    void remove();
    // Removes all records of the partition, as retention would.
    void truncate(eventstore::Partition partition);

    struct Seen {
        std::int64_t offset;
        eventstore::PublishedEvent record;
    };
    // All records of the partition, in offset order.
    std::vector<Seen> records(eventstore::Partition partition) const;

  private:
    eventstore::KafkaEvent answer(const eventstore::KafkaQueue& queue);

    eventstore::KafkaSettings settings_;
    eventstore::KafkaHandle admin_;
};

}  // namespace skald::tests
