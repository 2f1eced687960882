// One reading of the topic for several readers, on a real broker: each gets the same records once
// decoded, and none holds the others up for long.
#include "eventstore/kafka/topic_feed.h"

#include <gtest/gtest.h>

#include <thread>

#include "eventstore/kafka/kafka_source.h"
#include "eventstore/kafka/producer.h"
#include "eventstore/kafka/topic.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka/test_topic.h"
#include "tests/support/log_writer.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

class TopicFeedTest : public testing::Test {
  protected:
    static constexpr Partition p0{0};
    static constexpr Partition p1{1};

    TopicFeedTest() { ensure_topic(topic.settings(), {.partitions = 2}); }

    // So many more events of the log, and of the topic too.
    void publish(Partition to, int count, std::size_t bytes = 20) {
        from.grow(to, count, bytes);
        const auto head = from.heads.heads().at(std::size_t(to.value())).value();
        Producer producer(topic.settings());
        for (auto position = head - count + 1; position <= head; ++position)
            producer.produce(to, record_of(from.event(to, position), from.store->info.era, {}));
        ASSERT_TRUE(eventually([&] {
            producer.serve(100ms);
            return producer.acknowledged(to) == count;
        }));
    }
    std::shared_ptr<TopicFeed> feed(TopicFeedOptions options = {}) const {
        return std::make_shared<TopicFeed>(topic.settings(), options);
    }
    // What a reader is given until it was given the event at this position.
    static std::vector<Piece> until(TopicFeed::Reader& reader, Partition partition,
                                    std::int64_t position) {
        std::vector<Piece> all;
        EXPECT_TRUE(eventually([&] {
            for (auto& piece : reader.next(20ms))
                if (piece.partition == partition) all.push_back(std::move(piece));
            return !all.empty() && all.back().events &&
                   all.back().events->back().position >= Position(position);
        }));
        return all;
    }
    static std::vector<std::int64_t> positions(const std::vector<Piece>& pieces) {
        std::vector<std::int64_t> all;
        for (const auto& piece : pieces) {
            if (!piece.events) continue;
            for (const auto& event : *piece.events) all.push_back(event.position.value());
        }
        return all;
    }
    static std::vector<std::int64_t> counted(std::int64_t first, std::int64_t last) {
        std::vector<std::int64_t> all;
        for (auto i = first; i <= last; ++i) all.push_back(i);
        return all;
    }

    TestTopic topic;
    LogWriter from{2};
};

TEST_F(TopicFeedTest, all_readers_are_given_the_same_events_in_order) {
    publish(p0, 3000);
    const auto shared = feed();
    TopicFeed::Reader one(shared), two(shared);
    one.start(p0, 0);
    two.start(p0, 0);
    const auto first = until(one, p0, 3000);
    const auto second = until(two, p0, 3000);
    EXPECT_EQ(positions(first), counted(1, 3000));
    EXPECT_EQ(positions(second), counted(1, 3000));
    // Large pieces are handed on without being copied.
    EXPECT_TRUE(std::ranges::any_of(first, [&](const Piece& piece) {
        return std::ranges::any_of(
            second, [&](const Piece& other) { return other.events == piece.events; });
    }));
}

TEST_F(TopicFeedTest, a_reader_that_comes_later_is_given_what_is_still_there) {
    publish(p0, 50);
    const auto shared = feed();
    TopicFeed::Reader one(shared), two(shared);
    one.start(p0, 0);
    until(one, p0, 50);
    two.start(p0, 20);
    const auto pieces = until(two, p0, 50);
    EXPECT_LE(pieces.front().events->front().position, Position(21));
}

TEST_F(TopicFeedTest, a_reader_that_leaves_takes_nothing_from_the_others) {
    publish(p0, 10);
    publish(p1, 10);
    const auto shared = feed();
    TopicFeed::Reader one(shared);
    {
        TopicFeed::Reader two(shared);
        one.start(p0, 0);
        two.start(p0, 0);
        two.start(p1, 0);
        until(two, p1, 10);
    }
    EXPECT_EQ(positions(until(one, p0, 10)), counted(1, 10));
    publish(p0, 10);
    EXPECT_EQ(positions(until(one, p0, 20)), counted(11, 20));
    one.start(p1, 5);  // nobody read it any more
    EXPECT_EQ(positions(until(one, p1, 10)), counted(6, 10));
}

TEST_F(TopicFeedTest, a_reader_that_does_not_read_is_passed_over) {
    publish(p0, 4000, 200);
    const auto shared = feed({.bytes_max = 256 * 1024, .patience = 100ms});
    TopicFeed::Reader quick(shared), slow(shared);
    slow.start(p0, 0);
    quick.start(p0, 0);
    EXPECT_EQ(positions(until(quick, p0, 4000)), counted(1, 4000));
    publish(p0, 10);
    const auto left = until(slow, p0, 4010);
    EXPECT_GT(left.front().events->front().position, Position(1));
    // Once it has caught up, it is like any other again.
    publish(p0, 10);
    EXPECT_EQ(positions(until(slow, p0, 4020)), counted(4011, 4020));
}

TEST_F(TopicFeedTest, a_window_that_is_full_waits_for_its_readers) {
    publish(p0, 4000, 200);
    const auto shared = feed({.bytes_max = 128 * 1024, .patience = 10s});
    TopicFeed::Reader quick(shared), slow(shared);
    slow.start(p0, 0);
    quick.start(p0, 0);
    std::jthread reading([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) quick.next(5ms);
    });
    EXPECT_EQ(positions(until(slow, p0, 4000)), counted(1, 4000));
}

TEST_F(TopicFeedTest, the_feed_goes_on_with_the_reader_furthest_ahead) {
    publish(p0, 30'000);
    const auto shared = feed({.bytes_max = 64 * 1024, .patience = 10s});
    TopicFeed::Reader behind(shared), ahead(shared);
    behind.start(p0, 0);
    ASSERT_FALSE(behind.next(5s).empty());
    ahead.start(p0, 29'990);
    std::jthread reading([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) behind.next(5ms);
    });
    const auto began = std::chrono::steady_clock::now();
    until(ahead, p0, 30'000);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(TopicFeedTest, a_partition_that_kafka_does_not_give_is_read_again_from_its_end) {
    publish(p0, 20);
    topic.truncate(p0);
    const auto shared = feed();
    TopicFeed::Reader one(shared), two(shared);
    one.start(p0, 3);
    two.start(p0, 3);
    for (auto* reader : {&one, &two}) {
        bool stopped = false;
        EXPECT_TRUE(eventually([&] {
            for (const auto& piece : reader->next(20ms)) stopped |= piece.stopped;
            return stopped;
        }));
    }
    std::vector<std::int64_t> by_one;
    EXPECT_TRUE(eventually([&] {
        publish(p0, 1);
        by_one = positions(one.next(100ms));
        return !by_one.empty();
    }));
    EXPECT_EQ(positions(until(two, p0, by_one.back())), by_one);
}

// Whatever the feed leaves out for one of them, each source gives every event once and in order.
TEST_F(TopicFeedTest, sources_that_share_it_each_give_everything) {
    publish(p0, 3000, 200);
    const auto shared = feed({.bytes_max = 128 * 1024, .patience = 20ms});
    std::vector<std::unique_ptr<KafkaSource>> sources;
    const std::vector<std::int64_t> starts{0, 1500, 2990};
    std::vector<Cursor> at;
    for (const auto start : starts) {
        at.push_back(start == 0 ? Cursor{} : cursor_at(from.event(p0, start)));
        sources.push_back(std::make_unique<KafkaSource>(KafkaSourceOptions{.follower = "test"},
                                                        shared, from.log(), from.heads));
        sources.back()->assign(p0, at.back());
    }
    const auto reaches = [&](std::size_t which, std::int64_t position) {
        return eventually([&] {
            for (const auto& run : sources[which]->poll(20ms)) {
                for (const auto& event : run.events) {
                    EXPECT_EQ(event.position, at[which].position + 1);
                    EXPECT_EQ(event.id, from.event(p0, event.position.value()).id);
                    at[which] = cursor_at(event);
                }
            }
            return at[which].position >= Position(position);
        });
    };
    for (const auto which : {2u, 0u, 1u}) EXPECT_TRUE(reaches(which, 3000)) << starts[which];
    // All of them are back on Kafka before long.
    for (const auto which : {0u, 1u, 2u}) {
        EXPECT_TRUE(eventually([&] {
            publish(p0, 1);
            reaches(which, from.heads.heads()[0].value());
            return !sources[which]->on_log(p0);
        })) << starts[which];
    }
}

}  // namespace
}  // namespace skald::tests
