#include "tests/support/kafka/test_topic.h"

#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/support/database.h"

namespace skald::tests {

using namespace eventstore;
using namespace std::chrono_literals;

namespace {

std::string fresh_name() {
    static std::atomic<int> count{0};
    return "test." + std::to_string(getpid()) + "." + std::to_string(++count);
}

// librdkafka answers each admin request with one event of results, each with an error of its own.
void require(rd_kafka_resp_err_t error) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw KafkaUnavailable(rd_kafka_err2str(error));
}

}  // namespace

TestTopic::TestTopic() : TestTopic(required_env("SKALD_TEST_KAFKA")) {}

TestTopic::TestTopic(std::string brokers)
    : settings_{.brokers = std::move(brokers), .topic = fresh_name()},
      admin_(KafkaConfig(settings_).make(RD_KAFKA_CONSUMER)) {}

TestTopic::~TestTopic() {
    try {
        remove();
    } catch (const std::exception&) {
        // Never made, or its broker is gone already.
    }
}

KafkaEvent TestTopic::answer(const KafkaQueue& queue) {
    KafkaEvent event(rd_kafka_queue_poll(queue.get(), 5000));
    if (!event) throw KafkaUnavailable("no answer");
    require(rd_kafka_event_error(event.get()));
    return event;
}

void TestTopic::create(std::int32_t partitions, const std::map<std::string, std::string>& config) {
    char why[512];
    const std::unique_ptr<rd_kafka_NewTopic_t, KafkaDestroy<rd_kafka_NewTopic_destroy>> topic(
        rd_kafka_NewTopic_new(settings_.topic.c_str(), partitions, 1, why, sizeof why));
    for (const auto& [name, value] : config) {
        rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
    }
    rd_kafka_NewTopic_t* topics[] = {topic.get()};
    const KafkaQueue queue(rd_kafka_queue_new(admin_.get()));
    // A topic of this name may still be in the process of being deleted.
    for (const auto deadline = std::chrono::steady_clock::now() + 10s;;) {
        rd_kafka_CreateTopics(admin_.get(), topics, 1, nullptr, queue.get());
        const auto event = answer(queue);
        std::size_t count = 0;
        const auto* results = rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(event.get()), &count);
        const auto error = rd_kafka_topic_result_error(results[0]);
        if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS &&
            std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(20ms);  // the broker tells nobody when
            continue;
        }
        return require(error);
    }
}

void TestTopic::remove() {
    const std::unique_ptr<rd_kafka_DeleteTopic_t, KafkaDestroy<rd_kafka_DeleteTopic_destroy>> topic(
        rd_kafka_DeleteTopic_new(settings_.topic.c_str()));
    rd_kafka_DeleteTopic_t* topics[] = {topic.get()};
    const KafkaQueue queue(rd_kafka_queue_new(admin_.get()));
    rd_kafka_DeleteTopics(admin_.get(), topics, 1, nullptr, queue.get());
    const auto event = answer(queue);
    std::size_t count = 0;
    const auto* results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event.get()), &count);
    require(rd_kafka_topic_result_error(results[0]));
}

void TestTopic::truncate(Partition partition) {
    const std::unique_ptr<rd_kafka_topic_partition_list_t,
                          KafkaDestroy<rd_kafka_topic_partition_list_destroy>>
        offsets(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(offsets.get(), settings_.topic.c_str(), partition.value())
        ->offset = RD_KAFKA_OFFSET_END;
    const std::unique_ptr<rd_kafka_DeleteRecords_t, KafkaDestroy<rd_kafka_DeleteRecords_destroy>>
        what(rd_kafka_DeleteRecords_new(offsets.get()));
    rd_kafka_DeleteRecords_t* all[] = {what.get()};
    const KafkaQueue queue(rd_kafka_queue_new(admin_.get()));
    rd_kafka_DeleteRecords(admin_.get(), all, 1, nullptr, queue.get());
    answer(queue);
}

std::vector<TestTopic::Seen> TestTopic::records(Partition partition) const {
    KafkaConsumer consumer(settings_, 10ms);
    const auto [low, high] = consumer.watermarks(partition);
    std::vector<Seen> seen;
    if (low == high) return seen;
    consumer.start(partition, low);
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (seen.empty() || seen.back().offset + 1 < high) {
        if (std::chrono::steady_clock::now() > deadline) throw KafkaUnavailable("too slow");
        const auto message = consumer.next(100ms);
        if (!message) continue;
        require(message->err);
        auto record = event_of(*message);
        if (!record) throw std::runtime_error(record.error());
        seen.push_back({message->offset, *std::move(record)});
    }
    return seen;
}

}  // namespace skald::tests
