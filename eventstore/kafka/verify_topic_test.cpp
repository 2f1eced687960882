// Against the test run's own Kafka (SKALD_TEST_KAFKA): a topic is filled with what a faulty relay
// might leave there, and each fault must be counted as what it is.
#include "eventstore/kafka/verify_topic.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "domain/kernel/invariant.h"
#include "eventstore/memory/memory_log.h"
#include "tests/support/database.h"

namespace skald::eventstore {
namespace {

using ms = std::chrono::milliseconds;
constexpr int wait_ms = 20'000;

// A topic of one partition, gone at the end.
class Topic {
  public:
    Topic() {
        char why[512];
        auto* conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), why, sizeof why);
        producer_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why));
        INVARIANT(producer_ != nullptr);
        auto* fresh = rd_kafka_NewTopic_new(name_.c_str(), 1, 1, why, sizeof why);
        auto* queue = rd_kafka_queue_new(producer_.get());
        rd_kafka_CreateTopics(producer_.get(), &fresh, 1, nullptr, queue);
        finish(fresh, queue);
    }
    ~Topic() {
        auto* old = rd_kafka_DeleteTopic_new(name_.c_str());
        auto* queue = rd_kafka_queue_new(producer_.get());
        rd_kafka_DeleteTopics(producer_.get(), &old, 1, nullptr, queue);
        rd_kafka_event_destroy(rd_kafka_queue_poll(queue, wait_ms));
        rd_kafka_queue_destroy(queue);
        rd_kafka_DeleteTopic_destroy(old);
    }
    Topic(const Topic&) = delete;

    static std::string brokers() { return tests::required_env("SKALD_TEST_KAFKA"); }
    const std::string& name() const { return name_; }

// The library's macros cast in C's way.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
    void produce(const StoredEvent& event, std::int64_t position) {
        const auto key = std::string(event.stream.partition_key());
        const auto id = to_text(event.id.value());
        const auto place = std::to_string(position);
        const auto version = std::to_string(event.version.value());
        const auto error = rd_kafka_producev(
            producer_.get(), RD_KAFKA_V_TOPIC(name_.c_str()), RD_KAFKA_V_PARTITION(0),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
            RD_KAFKA_V_VALUE(const_cast<char*>(event.data.data()), event.data.size()),
            RD_KAFKA_V_HEADER("ce_id", id.data(), ssize_t(id.size())),
            RD_KAFKA_V_HEADER("ce_type", event.type.data(), ssize_t(event.type.size())),
            RD_KAFKA_V_HEADER("ce_subject", event.stream.text().data(),
                              ssize_t(event.stream.text().size())),
            RD_KAFKA_V_HEADER("skald_position", place.data(), ssize_t(place.size())),
            RD_KAFKA_V_HEADER("skald_version", version.data(), ssize_t(version.size())),
            RD_KAFKA_V_END);
        INVARIANT(error == RD_KAFKA_RESP_ERR_NO_ERROR);
        INVARIANT(rd_kafka_flush(producer_.get(), wait_ms) == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
#pragma GCC diagnostic pop

  private:
    static void finish(rd_kafka_NewTopic_t* fresh, rd_kafka_queue_t* queue) {
        auto* done = rd_kafka_queue_poll(queue, wait_ms);
        INVARIANT(done != nullptr && rd_kafka_event_error(done) == RD_KAFKA_RESP_ERR_NO_ERROR);
        rd_kafka_event_destroy(done);
        rd_kafka_queue_destroy(queue);
        rd_kafka_NewTopic_destroy(fresh);
    }

    std::string name_ = "verify-" + to_text(fresh_command_id().value());
    std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> producer_{nullptr, rd_kafka_destroy};
};

// Five events in one partition.
std::unique_ptr<MemoryLog> five_events() {
    auto log = std::make_unique<MemoryLog>(std::make_shared<MemoryStore>(1));
    for (int i = 1; i <= 5; ++i) {
        AppendCommand command;
        command.id = fresh_command_id();
        command.uses = {{StreamName::of("order", "a" + std::to_string(i)),
                         Version(0),
                         {{"order.placed", 1, "data " + std::to_string(i), "meta"}}}};
        INVARIANT(log->append(std::span(&command, 1)).outcomes[0].kind == OutcomeKind::accepted);
    }
    return log;
}

// What stands in the topic, in order: the position a record claims, and that of the event whose
// content it has.
struct Record {
    std::int64_t claims;
    std::int64_t content;
};

struct Row {
    std::string name;
    std::vector<Record> records;
    std::int64_t missing, phantom, duplicate, reordered, repeats;
    std::string first;  // what the first difference says at least
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class VerifyTopic : public testing::TestWithParam<Row> {};

TEST_P(VerifyTopic, CountsEachDifferenceAsWhatItIs) {
    const auto& row = GetParam();
    const auto log = five_events();
    const auto events = log->read(Partition(0), Position(0), {});
    Topic topic;
    for (const auto& record : row.records) {
        topic.produce(events[static_cast<std::size_t>(record.content - 1)], record.claims);
    }
    const auto found = verify_topic({Topic::brokers(), topic.name(), ms(300)}, *log, log->heads());
    EXPECT_EQ(found.records, static_cast<std::int64_t>(row.records.size()));
    EXPECT_EQ(found.missing, row.missing);
    EXPECT_EQ(found.phantom, row.phantom);
    EXPECT_EQ(found.duplicate, row.duplicate);
    EXPECT_EQ(found.reordered, row.reordered);
    EXPECT_EQ(found.repeats, row.repeats);
    EXPECT_EQ(found.same(), row.first.empty());
    if (row.first.empty()) {
        EXPECT_EQ(found.first, "");
    } else {
        EXPECT_NE(found.first.find(row.first), std::string::npos) << found.first;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Topics, VerifyTopic,
    testing::Values(
        Row{"whole", {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}}, 0, 0, 0, 0, 0, ""},
        Row{"repeated bytes are allowed",
            {{1, 1}, {2, 2}, {3, 3}, {2, 2}, {3, 3}, {4, 4}, {5, 5}},
            0,
            0,
            0,
            0,
            2,
            ""},
        Row{"empty", {}, 5, 0, 0, 0, 0, "no record of position 1"},
        Row{"end is missing", {{1, 1}, {2, 2}, {3, 3}}, 2, 0, 0, 0, 0, "no record of position 4"},
        Row{"hole", {{1, 1}, {2, 2}, {4, 4}, {5, 5}}, 1, 0, 0, 0, 0, "no record of position 3"},
        Row{"out of order",
            {{1, 1}, {3, 3}, {2, 2}, {4, 4}, {5, 5}},
            0,
            0,
            0,
            1,
            0,
            "out of order"},
        Row{"beyond the log",
            {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 5}},
            0,
            1,
            0,
            0,
            0,
            "position 6 that the log does not hold"},
        Row{"other content",
            {{1, 1}, {2, 3}, {3, 3}, {4, 4}, {5, 5}},
            1,
            1,
            0,
            0,
            0,
            "position 2 that differs"},
        Row{"repeat with other content",
            {{1, 1}, {2, 2}, {2, 1}, {3, 3}, {4, 4}, {5, 5}},
            0,
            0,
            1,
            0,
            0,
            "position 2 that differs"}));

TEST(VerifyTopicAway, TopicThatDoesNotExistIsUnavailable) {
    const auto log = five_events();
    EXPECT_THROW(
        verify_topic({Topic::brokers(), "no-such-topic", ms(100), ms(500)}, *log, log->heads()),
        Unavailable);
}

TEST(VerifyTopicAway, BrokerThatDoesNotAnswerIsUnavailable) {
    const auto log = five_events();
    EXPECT_THROW(verify_topic({"127.0.0.1:1", "t", ms(100), ms(500)}, *log, log->heads()),
                 Unavailable);
}

}  // namespace
}  // namespace skald::eventstore
