// The topic as the relay makes and checks it, on a real broker.
#include "eventstore/kafka/topic.h"

#include <gtest/gtest.h>

#include "tests/support/kafka/test_topic.h"

namespace skald::tests {
namespace {

using namespace eventstore;

TEST(Topic, is_made_once_and_found_to_be_right_afterwards) {
    TestTopic topic;
    for (int i = 0; i < 2; ++i) ensure_topic(topic.settings(), {.partitions = 4});
    KafkaConsumer consumer(topic.settings(), std::chrono::milliseconds(10));
    for (int p = 0; p < 4; ++p) EXPECT_EQ(consumer.watermarks(Partition(p)).high, 0);
    EXPECT_THROW(consumer.watermarks(Partition(4)), KafkaUnavailable);
}

struct Wrong {
    std::int32_t partitions;
    std::map<std::string, std::string> config;
    const char* problem;
    const char* remedy;
};

const std::map<std::string, std::string> endless{{"retention.ms", "-1"}};

std::map<std::string, std::string> endless_but(const char* name, const char* value) {
    auto config = endless;
    config[name] = value;
    return config;
}

TEST(Topic, of_another_shape_is_refused_with_the_remedy) {
    const Wrong wrongs[] = {
        {3, endless, "has 3 partitions, but this store has 4", "SKALD_TOPIC"},
        {8, endless, "has 8 partitions, but this store has 4", "SKALD_TOPIC"},
        {4, endless_but("cleanup.policy", "compact"), "is compacted", "cleanup.policy=delete"},
        {4, endless_but("cleanup.policy", "compact,delete"), "is compacted", "cleanup.policy="},
        {4, {}, "forgets old events (retention.ms=604800000)", "set retention.ms=-1"},
        {4, endless_but("retention.bytes", "1000000"),
         "forgets old events (retention.bytes=1000000)", "set retention.bytes=-1"},
        {4, endless_but("max.message.bytes", "100000"), "takes too small messages",
         "set max.message.bytes=1048576"},
    };
    for (const auto& wrong : wrongs) {
        TestTopic topic;
        topic.create(wrong.partitions, wrong.config);
        try {
            ensure_topic(topic.settings(), {.partitions = 4});
            ADD_FAILURE() << "was taken: " << wrong.problem;
        } catch (const TopicMismatch& refusal) {
            const std::string said = refusal.what();
            EXPECT_NE(said.find(topic.settings().topic + " " + wrong.problem), std::string::npos)
                << said;
            EXPECT_NE(said.find(wrong.remedy), std::string::npos) << said;
        }
    }
}

TEST(Topic, with_fewer_replicas_in_sync_than_wanted_is_refused) {
    TestTopic topic;
    ensure_topic(topic.settings(), {.partitions = 1});
    EXPECT_THROW(ensure_topic(topic.settings(), {.partitions = 1, .min_insync_replicas = 2}),
                 TopicMismatch);
}

TEST(Topic, a_name_that_kafka_refuses_is_told) {
    KafkaSettings settings = TestTopic().settings();
    settings.topic = "no blanks please";
    EXPECT_THROW(ensure_topic(settings, {.partitions = 1}), TopicMismatch);
}

TEST(Topic, a_broker_that_does_not_answer_is_told_in_bounded_time) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THROW(ensure_topic({.brokers = "127.0.0.1:1", .topic = "x"}, {.partitions = 1}),
                 KafkaUnavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

}  // namespace
}  // namespace skald::tests
