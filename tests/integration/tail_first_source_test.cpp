// The source of projectors in a process that commits: its own events come by the ring, and Kafka is
// there as soon as others commit too.
#include "eventstore/kafka/tail_first_source.h"

#include <gtest/gtest.h>

#include <list>

#include "eventstore/kafka/producer.h"
#include "eventstore/kafka/topic.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka/test_topic.h"
#include "tests/support/log_writer.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

constexpr std::int32_t source_partitions = 2;

class TailFirstTest : public testing::Test {
  protected:
    TailFirstTest() { ensure_topic(topic.settings(), {.partitions = source_partitions}); }

    std::unique_ptr<TailFirstSource> source(const KafkaSettings& kafka) {
        auto made = std::make_unique<TailFirstSource>(
            TailFirstOptions{.kafka = {.follower = "test"}, .calm = 300ms},
            feeds.emplace_back(kafka), from.logs(), from.heads, ring);
        for (const auto& [partition, position] : at)
            made->assign(partition, {position, position == Position(0)
                                                   ? EventId()
                                                   : from.event(partition, position.value()).id});
        return made;
    }
    // A commit of this process: one event of each partition.
    void commit() {
        const auto sent = Clock::now();
        for (int p = 0; p < source_partitions; ++p) from.grow(Partition(p), 1);
        tell_ring(sent);
    }
    // Of the last event of each partition.
    void tell_ring(Clock::time_point sent) {
        for (int p = 0; p < source_partitions; ++p) {
            const auto& event =
                from.event(Partition(p), from.heads.heads().at(std::size_t(p)).value());
            const std::vector<AppendCommand> batch{
                {.id = event.command,
                 .uses = {{event.stream,
                           event.version - 1,
                           {{event.type, event.schema_version, event.data, event.meta}}}}}};
            AppendResult result;
            result.outcomes.push_back({});
            result.heads = {{Partition(p), event.position}};
            result.parts.push_back({1, event.recorded_at, result.heads});
            ring.add({batch, result, sent});
        }
    }
    bool reaches_the_end(TailFirstSource& one) {
        return eventually([&] {
            for (const auto& run : one.poll(10ms)) {
                for (const auto& event : run.events) {
                    EXPECT_EQ(event.position, at[run.partition] + 1);
                    EXPECT_EQ(event.id, from.event(run.partition, event.position.value()).id);
                    at[run.partition] = event.position;
                }
            }
            return at[Partition(0)] == from.heads.heads()[0] &&
                   at[Partition(1)] == from.heads.heads()[1];
        });
    }
    // Of another process, event by event.
    void others_commit(TailFirstSource& one, int times) {
        for (int i = 0; i < times; ++i) {
            from.grow_all(1);
            ASSERT_TRUE(reaches_the_end(one));
        }
    }
    void publish_all() {
        Producer producer(topic.settings());
        for (int p = 0; p < source_partitions; ++p) {
            const auto head = from.heads.heads().at(std::size_t(p)).value();
            for (auto position = 1; position <= head; ++position)
                producer.produce(Partition(p), record_of(from.event(Partition(p), position),
                                                         from.store->info.era, {}));
            ASSERT_TRUE(eventually([&] {
                producer.serve(50ms);
                return producer.acknowledged(Partition(p)) == head;
            }));
        }
    }

    TestTopic topic;
    LogWriter from{source_partitions};
    TailRing ring{source_partitions};
    std::list<SharedTopicFeed> feeds;
    std::map<Partition, Position> at{{Partition(0), Position(0)}, {Partition(1), Position(0)}};
};

TEST_F(TailFirstTest, own_commits_need_no_kafka) {
    const auto one = source({.brokers = "127.0.0.1:1", .topic = "none"});
    for (int i = 0; i < 50; ++i) {
        commit();
        ASSERT_TRUE(reaches_the_end(*one));
    }
    EXPECT_FALSE(one->on_kafka());
}

// A log in which an event is seen before the ring has it.
class EarlyLog : public MemoryLog {
  public:
    EarlyLog(std::shared_ptr<MemoryStore> store, std::function<void()> read)
        : MemoryLog(std::move(store)), read_(std::move(read)) {}
    std::vector<StoredEvent> read_partitions(std::span<const PartitionFrom> partitions,
                                             const ReadLimit& of_each,
                                             std::int64_t bytes_max) override {
        auto events = MemoryLog::read_partitions(partitions, of_each, bytes_max);
        read_();
        return events;
    }

  private:
    std::function<void()> read_;
};

// The poller of the heads looks at any moment, also between a commit and its coming into the ring.
TEST_F(TailFirstTest, own_commits_seen_in_the_log_first_are_not_taken_for_others) {
    auto sent = Clock::now();
    TailFirstSource one(
        {.kafka = {.follower = "test"}, .calm = 300ms}, feeds.emplace_back(topic.settings()),
        [&] { return std::make_unique<EarlyLog>(from.store, [&] { tell_ring(sent); }); },
        from.heads, ring);
    for (const auto& [partition, position] : at) one.assign(partition, {position, EventId()});
    for (int i = 0; i < 12; ++i) {
        sent = Clock::now();
        from.grow_all(1);
        ASSERT_TRUE(reaches_the_end(one));
    }
    EXPECT_FALSE(one.on_kafka());
}

TEST_F(TailFirstTest, a_commit_of_others_now_and_then_is_read_from_the_log) {
    const auto one = source(topic.settings());
    others_commit(*one, 3);
    commit();
    EXPECT_TRUE(reaches_the_end(*one));
    EXPECT_FALSE(one->on_kafka());
}

TEST_F(TailFirstTest, while_others_commit_kafka_is_read_and_then_the_ring_again) {
    const auto one = source(topic.settings());
    others_commit(*one, 8);
    EXPECT_TRUE(one->on_kafka());
    publish_all();
    EXPECT_TRUE(reaches_the_end(*one));
    for (int i = 0; i < 5; ++i) commit();
    EXPECT_TRUE(reaches_the_end(*one));
    EXPECT_TRUE(eventually([&] {
        reaches_the_end(*one);
        return !one->on_kafka();
    }));
    commit();
    EXPECT_TRUE(reaches_the_end(*one));
}

TEST_F(TailFirstTest, while_kafka_is_away_what_others_commit_comes_from_the_log) {
    const auto one = source({.brokers = "127.0.0.1:1", .topic = "none"});
    others_commit(*one, 12);
    EXPECT_TRUE(one->on_kafka());
    commit();
    EXPECT_TRUE(reaches_the_end(*one));
}

TEST_F(TailFirstTest, once_the_log_was_away_partitions_are_to_be_opened_anew) {
    const auto one = source(topic.settings());
    commit();
    EXPECT_TRUE(reaches_the_end(*one));
    ring.forget();
    EXPECT_THROW(one->poll(0ms), Unavailable);
    others_commit(*source(topic.settings()), 1);
}

}  // namespace
}  // namespace skald::tests
