// The source that reads Kafka and falls back on the log, on a real broker: whatever the topic is
// like, every event comes exactly once and in order.
#include "eventstore/kafka/kafka_source.h"

#include <gtest/gtest.h>

#include "eventstore/kafka/producer.h"
#include "eventstore/kafka/topic.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka/test_topic.h"
#include "tests/support/log_writer.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

constexpr Partition p0{0};

class KafkaSourceTest : public testing::Test {
  protected:
    KafkaSourceTest() {
        from.store->info.era = Era(2);
        ensure_topic(topic.settings(), {.partitions = 2});
    }

    // Puts events `first` .. `last` of the log into the topic, as any relay might.
    void publish(std::int64_t first, std::int64_t last, Era era = Era(2), Partition to = p0) {
        Producer producer(topic.settings());
        for (auto position = first; position <= last; ++position) {
            producer.produce(to, record_of(from.event(to, position), era, {}));
        }
        await(producer, to, last - first + 1);
    }
    static void await(Producer& producer, Partition to, std::int64_t records) {
        ASSERT_TRUE(eventually([&] {
            producer.serve(100ms);
            return producer.acknowledged(to) == records;
        }));
    }
    std::unique_ptr<KafkaSource> source() { return source(topic.settings()); }
    std::unique_ptr<KafkaSource> source(const KafkaSettings& kafka) {
        auto made = std::make_unique<KafkaSource>(
            KafkaSourceOptions{.follower = "test", .per_partition = {.events_max = 50}},
            std::make_shared<TopicFeed>(kafka), from.log(), from.heads);
        made->assign(p0, at);
        return made;
    }
    // Polls until the cursor of partition 0 is there; each run must continue the one before.
    bool reaches(KafkaSource& one, std::int64_t position) {
        return eventually([&] {
            for (const auto& run : one.poll(20ms)) {
                if (run.partition != p0) continue;
                for (const auto& event : run.events) {
                    EXPECT_EQ(event.position, at.position + 1);
                    EXPECT_EQ(event.id, from.event(p0, event.position.value()).id);
                    EXPECT_EQ(event.data, from.event(p0, event.position.value()).data);
                    at = cursor_at(event);
                }
            }
            return at.position >= Position(position);
        });
    }
    // Polls until the source reads Kafka again.
    bool back_on_kafka(KafkaSource& one) {
        return eventually([&] {
            reaches(one, at.position.value());
            return !one.on_log(p0);
        });
    }
    void start_behind(std::int64_t position) { at = cursor_at(from.event(p0, position)); }

    TestTopic topic;
    LogWriter from{2};
    Cursor at;
};

TEST_F(KafkaSourceTest, reads_kafka_when_kafka_has_everything) {
    from.grow(p0, 120);
    publish(1, 120);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 120));
    EXPECT_FALSE(one->on_log(p0));
}

TEST_F(KafkaSourceTest, starts_behind_its_cursor) {
    from.grow(p0, 120);
    publish(1, 120);
    start_behind(70);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 120));
    EXPECT_FALSE(one->on_log(p0));
}

TEST_F(KafkaSourceTest, repeats_are_dropped_wherever_they_stand) {
    from.grow(p0, 60);
    publish(1, 30);
    publish(10, 30);
    publish(1, 5);
    publish(31, 60);
    publish(31, 60);
    for (const std::int64_t start : {0, 4, 29, 30, 31}) {
        at = start == 0 ? Cursor{} : cursor_at(from.event(p0, start));
        const auto one = source();
        EXPECT_TRUE(reaches(*one, 60)) << start;
        EXPECT_FALSE(one->on_log(p0)) << start;
    }
}

TEST_F(KafkaSourceTest, a_hole_is_filled_from_the_log_and_kafka_is_read_again_behind_it) {
    from.grow(p0, 40);
    publish(1, 10);
    publish(15, 40);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 40));
    EXPECT_TRUE(back_on_kafka(*one));
    from.grow(p0, 5);
    publish(41, 45);
    EXPECT_TRUE(reaches(*one, 45));
}

TEST_F(KafkaSourceTest, silence_while_the_log_goes_on_is_bridged_by_the_log) {
    const auto one = source();
    from.grow(p0, 10);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(reaches(*one, 10));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 240ms);  // Kafka had its chance
    EXPECT_TRUE(one->on_log(p0));
    // From then on the log is read at once.
    from.grow(p0, 1);
    EXPECT_FALSE(one->poll(20ms).empty());
    start_behind(11);
    // When Kafka has come to the same place, it is read again.
    publish(1, 11);
    EXPECT_TRUE(back_on_kafka(*one));
    from.grow(p0, 3);
    publish(12, 14);
    EXPECT_TRUE(reaches(*one, 14));
}

TEST_F(KafkaSourceTest, without_news_in_the_log_silence_is_no_reason) {
    from.grow(p0, 3);
    publish(1, 3);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 3));
    for (int i = 0; i < 10; ++i) one->poll(50ms);
    EXPECT_FALSE(one->on_log(p0));
}

TEST_F(KafkaSourceTest, records_that_kafka_no_longer_has_come_from_the_log) {
    from.grow(p0, 30);
    publish(1, 20);
    topic.truncate(p0);
    publish(21, 30);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 30));
    // Kafka is read from its end again before long, and is level with the log at the next record.
    ASSERT_TRUE(eventually([&] {
        from.grow(p0, 1);
        publish(at.position.value() + 1, at.position.value() + 1);
        reaches(*one, at.position.value() + 1);
        return !one->on_log(p0);
    }));
}

TEST_F(KafkaSourceTest, a_cursor_ahead_of_kafka_waits_for_it_on_the_log) {
    from.grow(p0, 40);
    publish(1, 10);
    start_behind(30);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 40));
    EXPECT_TRUE(one->on_log(p0));
    std::this_thread::sleep_for(600ms);  // Kafka is read from its end again
    reaches(*one, 40);
    publish(11, 40);
    EXPECT_TRUE(back_on_kafka(*one));
}

TEST_F(KafkaSourceTest, a_lower_era_is_refused_and_the_log_gives_the_event) {
    from.grow(p0, 10);
    publish(1, 5);
    publish(6, 10, Era(1));
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 10));
    EXPECT_TRUE(one->on_log(p0));
}

TEST_F(KafkaSourceTest, a_higher_era_ends_the_source) {
    from.grow(p0, 10);
    publish(1, 10, Era(3));
    const auto one = source();
    EXPECT_THROW(reaches(*one, 1), Unavailable);
}

TEST_F(KafkaSourceTest, another_event_at_the_cursor_means_that_the_log_is_read) {
    LogWriter other(2);
    other.grow(p0, 10);
    from.grow(p0, 5);
    start_behind(5);
    Producer producer(topic.settings());
    // One record before it, so that offset 5 holds position 5 of another history.
    producer.produce(p0, record_of(from.event(p0, 1), Era(2), {}));
    for (int i = 1; i <= 10; ++i) producer.produce(p0, record_of(other.event(p0, i), Era(2), {}));
    await(producer, p0, 11);
    const auto one = source();
    from.grow(p0, 5);
    EXPECT_TRUE(reaches(*one, 10));
    EXPECT_TRUE(one->on_log(p0));
}

// PostgreSQL is restored to position 50 while the topic holds 120. Position and era of the records
// 51..120 fit a cursor at 50, so they were taken although the log has lost them, and the read
// models showed orders that do not exist.
TEST_F(KafkaSourceTest, records_that_the_log_has_lost_are_not_taken) {
    LogWriter before(2);
    before.grow(p0, 120);
    {
        Producer producer(topic.settings());
        for (int i = 1; i <= 120; ++i)
            producer.produce(p0, record_of(before.event(p0, i), Era(2), {}));
        await(producer, p0, 120);
    }
    auto& events = from.store->partitions.at(0);
    const auto& kept = before.store->partitions.at(0);
    events.assign(kept.begin(), kept.begin() + 50);
    from.heads.announce({{p0, Position(50)}});
    start_behind(40);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 50));
    const auto until = std::chrono::steady_clock::now() + 1s;
    while (std::chrono::steady_clock::now() < until) {
        for (const auto& run : one->poll(20ms))
            ADD_FAILURE() << "took position " << run.events.front().position.value();
    }
    // The log goes on from there, differently, and beyond what Kafka has.
    from.grow(p0, 100);
    EXPECT_TRUE(reaches(*one, 150));
    EXPECT_TRUE(one->on_log(p0));
}

TEST_F(KafkaSourceTest, without_kafka_the_log_is_enough) {
    from.grow(p0, 120);
    const auto one = source({.brokers = "127.0.0.1:1", .topic = "x"});
    EXPECT_TRUE(reaches(*one, 120));
    EXPECT_TRUE(one->on_log(p0));
}

TEST_F(KafkaSourceTest, a_topic_that_is_made_later_is_found) {
    topic.remove();
    from.grow(p0, 10);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 10));
    ensure_topic(topic.settings(), {.partitions = 2});
    publish(1, 10);
    std::this_thread::sleep_for(600ms);  // Kafka is looked at again; right without it too
    from.grow(p0, 5);
    publish(11, 15);
    EXPECT_TRUE(reaches(*one, 15));
    EXPECT_TRUE(back_on_kafka(*one));
}

TEST_F(KafkaSourceTest, a_record_that_is_not_ours_is_passed_over) {
    from.grow(p0, 10);
    publish(1, 5);
    Producer producer(topic.settings());
    producer.produce(p0, {"key", "value", {{"ce_type", "foreign"}}, 0});
    await(producer, p0, 1);
    publish(6, 10);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 10));
    EXPECT_FALSE(one->on_log(p0));
}

TEST_F(KafkaSourceTest, a_busy_partition_does_not_starve_one_on_the_log) {
    from.grow(p0, 10);
    from.grow(Partition(1), 3000);
    publish(1, 3000, Era(2), Partition(1));
    const auto one = source();
    one->assign(Partition(1), {});
    EXPECT_TRUE(reaches(*one, 10));
}

TEST_F(KafkaSourceTest, a_partition_taken_away_gives_nothing_more) {
    from.grow(p0, 10);
    publish(1, 10);
    const auto one = source();
    EXPECT_TRUE(reaches(*one, 10));
    one->unassign(p0);
    from.grow(p0, 10);
    publish(11, 20);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(one->poll(50ms).empty());
    one->assign(p0, at);
    EXPECT_TRUE(reaches(*one, 20));
}

}  // namespace
}  // namespace skald::tests
