// librdkafka's handles as owned values. Nothing outside eventstore/kafka includes librdkafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string>

#include "eventstore/log.h"

namespace skald::eventstore {

struct KafkaSettings {
    std::string brokers;  // host:port, several separated by commas
    std::string topic = "skald.events";
    std::chrono::milliseconds timeout{2000};  // of one request to the broker
};

// Kafka cannot be reached, or did not do what it was asked to. What was produced may or may not be
// in the topic.
struct KafkaUnavailable : Unavailable {
    using Unavailable::Unavailable;
};

template <auto destroy>
struct KafkaDestroy {
    template <class T>
    void operator()(T* handle) const {
        destroy(handle);
    }
};
using KafkaHandle = std::unique_ptr<rd_kafka_t, KafkaDestroy<rd_kafka_destroy>>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, KafkaDestroy<rd_kafka_topic_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, KafkaDestroy<rd_kafka_queue_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, KafkaDestroy<rd_kafka_message_destroy>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, KafkaDestroy<rd_kafka_event_destroy>>;

// The properties of a client to be. librdkafka's own log lines go to the log as debug lines: what
// matters of them comes back as an error from a call.
class KafkaConfig {
  public:
    explicit KafkaConfig(const KafkaSettings& settings);

    // A property librdkafka does not know is a bug (std::logic_error).
    KafkaConfig& set(const char* name, const std::string& value);
    rd_kafka_conf_t* raw() { return conf_.get(); }
    KafkaHandle make(rd_kafka_type_t type) &&;

  private:
    std::unique_ptr<rd_kafka_conf_t, KafkaDestroy<rd_kafka_conf_destroy>> conf_;
};

KafkaTopic open_topic(const KafkaHandle& client, const std::string& name);

// What librdkafka calls the error, with `doing` before it.
std::string explain(const std::string& doing, rd_kafka_resp_err_t error);

inline int as_timeout(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

}  // namespace skald::eventstore
