#include "eventstore/kafka/topic.h"

#include <map>
#include <optional>
#include <thread>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

using Clock = std::chrono::steady_clock;
using Config = std::map<std::string, std::string>;

class Admin {
  public:
    explicit Admin(const KafkaSettings& kafka)
        : kafka_(kafka), client_(KafkaConfig(kafka).make(RD_KAFKA_CONSUMER)) {}

    struct Shape {
        std::int32_t partitions;
        bool all_led;  // every partition has a leader to write to
    };
    // Nothing if there is no such topic.
    std::optional<Shape> shape();
    void create(const TopicSettings& wanted);
    Config config();

  private:
    KafkaEvent answer(const KafkaQueue& queue, const std::string& doing);

    const KafkaSettings& kafka_;
    KafkaHandle client_;
};

std::optional<Admin::Shape> Admin::shape() {
    const auto topic = open_topic(client_, kafka_.topic);
    const rd_kafka_metadata_t* found = nullptr;
    const auto error =
        rd_kafka_metadata(client_.get(), 0, topic.get(), &found, as_timeout(kafka_.timeout));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw KafkaUnavailable(explain("cannot ask Kafka at " + kafka_.brokers, error));
    }
    const std::unique_ptr<const rd_kafka_metadata_t, KafkaDestroy<rd_kafka_metadata_destroy>> owned(
        found);
    if (found->topic_cnt == 0) return std::nullopt;
    const auto& one = found->topics[0];
    if (one.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::nullopt;
    if (one.err == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION) {
        throw TopicMismatch("Kafka refuses the topic name '" + kafka_.topic +
                            "': set SKALD_TOPIC to letters, digits, '.', '_' and '-'");
    }
    Shape shape{one.partition_cnt, one.err == RD_KAFKA_RESP_ERR_NO_ERROR};
    for (int i = 0; i < one.partition_cnt; ++i) shape.all_led &= one.partitions[i].leader >= 0;
    return shape;
}

KafkaEvent Admin::answer(const KafkaQueue& queue, const std::string& doing) {
    KafkaEvent event(rd_kafka_queue_poll(queue.get(), as_timeout(kafka_.timeout)));
    if (!event) throw KafkaUnavailable(doing + ": no answer in time");
    if (const auto error = rd_kafka_event_error(event.get())) {
        throw KafkaUnavailable(explain(doing, error));
    }
    return event;
}

void Admin::create(const TopicSettings& wanted) {
    const std::string doing = "cannot create topic " + kafka_.topic;
    char why[512] = "";
    const std::unique_ptr<rd_kafka_NewTopic_t, KafkaDestroy<rd_kafka_NewTopic_destroy>> topic(
        rd_kafka_NewTopic_new(kafka_.topic.c_str(), wanted.partitions, wanted.replication_factor,
                              why, sizeof why));
    if (!topic) throw TopicMismatch(doing + ": " + why);
    const Config config{{"retention.ms", "-1"},
                        {"retention.bytes", "-1"},
                        {"cleanup.policy", "delete"},
                        {"max.message.bytes", std::to_string(topic_message_bytes_max)},
                        {"min.insync.replicas", std::to_string(wanted.min_insync_replicas)}};
    for (const auto& [name, value] : config) {
        rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
    }
    const KafkaQueue queue(rd_kafka_queue_new(client_.get()));
    rd_kafka_NewTopic_t* topics[] = {topic.get()};
    rd_kafka_CreateTopics(client_.get(), topics, 1, nullptr, queue.get());
    const auto event = answer(queue, doing);
    std::size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto error = rd_kafka_topic_result_error(results[i]);
        if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;  // by another relay
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw KafkaUnavailable(explain(doing, error));
        diagnostics::log_info("topic created",
                              {{"topic", kafka_.topic}, {"partitions", wanted.partitions}});
    }
}

Config Admin::config() {
    const std::string doing = "cannot read the configuration of topic " + kafka_.topic;
    const std::unique_ptr<rd_kafka_ConfigResource_t, KafkaDestroy<rd_kafka_ConfigResource_destroy>>
        resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, kafka_.topic.c_str()));
    const KafkaQueue queue(rd_kafka_queue_new(client_.get()));
    rd_kafka_ConfigResource_t* resources[] = {resource.get()};
    rd_kafka_DescribeConfigs(client_.get(), resources, 1, nullptr, queue.get());
    const auto event = answer(queue, doing);
    std::size_t count = 0;
    const auto* results = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    if (count != 1) throw KafkaUnavailable(doing + ": empty answer");
    if (const auto error = rd_kafka_ConfigResource_error(results[0])) {
        throw KafkaUnavailable(explain(doing, error));
    }
    Config config;
    const auto* entries = rd_kafka_ConfigResource_configs(results[0], &count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto* value = rd_kafka_ConfigEntry_value(entries[i]);
        config[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
    }
    return config;
}

void check(const KafkaSettings& kafka, const TopicSettings& wanted, std::int32_t partitions,
           const Config& config) {
    const auto mismatch = [&](const std::string& problem, const std::string& remedy) {
        throw TopicMismatch("topic " + kafka.topic + " " + problem + ": " + remedy);
    };
    if (partitions != wanted.partitions) {
        mismatch("has " + std::to_string(partitions) + " partitions, but this store has " +
                     std::to_string(wanted.partitions),
                 "name another topic in SKALD_TOPIC, or delete this one if nobody needs it");
    }
    const auto value = [&](const char* name) {
        const auto found = config.find(name);
        return found == config.end() ? std::string() : found->second;
    };
    const auto set = [&](const char* name, const std::string& to) {
        return "set " + std::string(name) + "=" + to + " on it (kafka-configs.sh --alter)";
    };
    if (value("cleanup.policy") != "delete") {
        mismatch("is compacted (cleanup.policy=" + value("cleanup.policy") +
                     "), which would remove events",
                 set("cleanup.policy", "delete"));
    }
    for (const auto* name : {"retention.ms", "retention.bytes"}) {
        if (value(name) == "-1") continue;
        mismatch("forgets old events (" + std::string(name) + "=" + value(name) + ")",
                 set(name, "-1"));
    }
    const auto number = [&](const char* name) {
        return std::strtoll(value(name).c_str(), nullptr, 10);
    };
    if (number("max.message.bytes") < topic_message_bytes_max) {
        mismatch("takes too small messages (max.message.bytes=" + value("max.message.bytes") + ")",
                 set("max.message.bytes", std::to_string(topic_message_bytes_max)));
    }
    if (number("min.insync.replicas") < wanted.min_insync_replicas) {
        mismatch(
            "acknowledges too early (min.insync.replicas=" + value("min.insync.replicas") + ")",
            set("min.insync.replicas", std::to_string(wanted.min_insync_replicas)));
    }
}

}  // namespace

void ensure_topic(const KafkaSettings& kafka, const TopicSettings& wanted) {
    Admin admin(kafka);
    auto shape = admin.shape();
    if (!shape) admin.create(wanted);
    const auto deadline = Clock::now() + 5 * kafka.timeout;
    while (!shape || !shape->all_led) {
        if (Clock::now() > deadline) {
            throw KafkaUnavailable("topic " + kafka.topic + " has partitions without a leader");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the broker tells nobody when
        shape = admin.shape();
    }
    check(kafka, wanted, shape->partitions, admin.config());
}

}  // namespace skald::eventstore
