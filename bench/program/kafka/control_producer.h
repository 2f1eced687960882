// Kafka's own producer: librdkafka's, idempotent, without delay. One thread.
#pragma once

#include <map>

#include "eventstore/kafka/client.h"
#include "eventstore/kafka/record.h"

namespace skald::bench {

class ControlProducer {
  public:
    explicit ControlProducer(const eventstore::KafkaSettings& settings);
    // Gives up what is not acknowledged; does not wait for the broker.
    ~ControlProducer();
    ControlProducer(const ControlProducer&) = delete;
    ControlProducer& operator=(const ControlProducer&) = delete;

    // Hands the record over; it is sent at once. Throws KafkaUnavailable.
    void produce(eventstore::Partition partition, const eventstore::KafkaRecord& record);
    // Takes acknowledgements for up to `wait`, returning at the first. Throws KafkaUnavailable once
    // anything has failed.
    void serve(std::chrono::milliseconds wait);
    // How many records of the partition are durable; they are acknowledged in their order.
    std::int64_t acknowledged(eventstore::Partition partition) const;

  private:
    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
    eventstore::KafkaHandle make_client(const eventstore::KafkaSettings& settings);

    std::map<eventstore::Partition, std::int64_t> acknowledged_;
    std::string failure_;
    eventstore::KafkaHandle client_;
    eventstore::KafkaTopic topic_;
};

}  // namespace skald::bench
