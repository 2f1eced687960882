// One idempotent producer. After its first error nothing it was given can be trusted to be in the
// topic or not to be: it is thrown away, and the topic is asked. One thread.
#pragma once

#include <map>

#include "eventstore/kafka/client.h"
#include "eventstore/kafka/record.h"

namespace skald::eventstore {

class Producer {
  public:
    explicit Producer(const KafkaSettings& settings);
    // Gives up what is not acknowledged; does not wait for the broker.
    ~Producer();
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    // Hands the record over; it is sent at once. Throws KafkaUnavailable.
    void produce(Partition partition, const KafkaRecord& record);
    // Takes acknowledgements for up to `wait`, returning at the first. Throws KafkaUnavailable once
    // anything has failed.
    void serve(std::chrono::milliseconds wait);
    // How many records of the partition are durable; they are acknowledged in their order.
    std::int64_t acknowledged(Partition partition) const;

  private:
    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
    KafkaHandle make_client(const KafkaSettings& settings);

    std::map<Partition, std::int64_t> acknowledged_;
    std::string failure_;
    KafkaHandle client_;
    KafkaTopic topic_;
};

}  // namespace skald::eventstore
