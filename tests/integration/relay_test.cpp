// The relay from a memory log to a real broker: what is in the topic is what is in the log,
// whatever happens to relays and topics.
#include "eventstore/kafka/relay.h"

#include <gtest/gtest.h>

#include "eventstore/kafka/tail.h"
#include "eventstore/kafka/verify_topic.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka/test_topic.h"
#include "tests/support/relay_rig.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

class RelayTest : public testing::Test {
  protected:
    TopicComparison compare() {
        const auto log = from.log();
        const auto heads = log->heads();
        return verify_topic(
            {.brokers = topic.settings().brokers, .topic = topic.settings().topic, .patience = 1s},
            *log, heads);
    }
    void expect_same() {
        const auto found = compare();
        EXPECT_TRUE(found.same()) << found.first << ", missing " << found.missing << ", phantom "
                                  << found.phantom << ", duplicate " << found.duplicate
                                  << ", reordered " << found.reordered;
    }
    std::unique_ptr<RelayRig> relay(RelayRig::Choices choices = {}) {
        return std::make_unique<RelayRig>(from, topic.settings(), progress, choices);
    }

    TestTopic topic;
    LogWriter from{4};
    MemoryProgress progress;
};

TEST_F(RelayTest, publishes_each_partition_to_the_same_partition_in_order) {
    from.grow_all(50);
    const auto one = relay();
    ASSERT_TRUE(one->caught_up());
    from.grow_all(200);
    ASSERT_TRUE(one->caught_up());
    expect_same();
    EXPECT_EQ(compare().repeats, 0);
}

TEST_F(RelayTest, restarted_it_goes_on_without_loss_or_repeat) {
    for (int round = 0; round < 4; ++round) {
        from.grow_all(30);
        ASSERT_TRUE(relay()->caught_up());
    }
    const auto found = compare();
    EXPECT_TRUE(found.same()) << found.first;
    EXPECT_EQ(found.records, 4 * 4 * 30);
    EXPECT_EQ(found.repeats, 0);
}

TEST_F(RelayTest, stopped_in_the_midst_it_goes_on_where_the_topic_ends) {
    from.grow_all(5000);
    for (int round = 0; round < 5; ++round) {
        const auto one = relay();
        std::this_thread::sleep_for(40ms * round);  // stopped at another moment each round
    }
    ASSERT_TRUE(relay()->caught_up());
    expect_same();
}

TEST_F(RelayTest, two_relays_at_once_leave_nothing_but_byte_equal_repeats) {
    from.grow_all(500);
    const auto one = relay();
    const auto two = relay();
    for (int i = 0; i < 40; ++i) {
        from.grow_all(5);
        std::this_thread::sleep_for(5ms);  // so that both relays have many rounds
    }
    ASSERT_TRUE(one->caught_up());
    ASSERT_TRUE(two->caught_up());
    expect_same();
    EXPECT_GT(compare().repeats, 0);
    // A third one finds the end among all the repeats.
    from.grow_all(5);
    ASSERT_TRUE(relay()->caught_up());
    expect_same();
}

TEST_F(RelayTest, the_largest_event_passes) {
    from.grow(Partition(1), 1, event_bytes_max);
    from.grow(Partition(1), 7, event_bytes_max);
    ASSERT_TRUE(relay()->caught_up());
    expect_same();
    EXPECT_EQ(topic.records(Partition(1)).back().record.event.data.size(), event_bytes_max);
}

TEST_F(RelayTest, notes_its_progress_even_when_nothing_follows) {
    from.grow(Partition(2), 3);
    const auto one = relay();
    ASSERT_TRUE(one->caught_up());
    EXPECT_TRUE(eventually(
        [&] { return progress.noted(Partition(2)) == cursor_at(from.event(Partition(2), 3)); }));
}

TEST_F(RelayTest, a_truncated_topic_is_continued_from_the_noted_progress) {
    from.grow_all(20);
    ASSERT_TRUE(relay()->caught_up());
    topic.truncate(Partition(0));
    from.grow_all(5);
    ASSERT_TRUE(relay()->caught_up());
    const auto kept = topic.records(Partition(0));
    ASSERT_EQ(kept.size(), 5u);
    EXPECT_EQ(kept.front().record.event.position, Position(21));
    EXPECT_EQ(topic.records(Partition(1)).size(), 25u);
}

TEST_F(RelayTest, a_topic_made_anew_is_filled_again_only_on_command) {
    from.grow_all(20);
    ASSERT_TRUE(relay()->caught_up());
    topic.remove();
    topic.create(4, {{"retention.ms", "-1"}});
    {
        const auto one = relay();
        const auto said = one->detail_in(FollowerState::waiting_to_retry);
        EXPECT_NE(said.find("position 20 were published before"), std::string::npos) << said;
    }
    EXPECT_TRUE(topic.records(Partition(0)).empty());
    ASSERT_TRUE(relay({.republish = true})->caught_up());
    expect_same();
    from.grow_all(1);
    ASSERT_TRUE(relay()->caught_up());  // no command needed any more
    expect_same();
}

TEST_F(RelayTest, nothing_is_published_on_top_of_what_the_log_does_not_hold) {
    from.grow_all(20);
    ASSERT_TRUE(relay()->caught_up());
    LogWriter restored(4);  // the same length, another history
    restored.grow_all(25);
    RelayRig other(restored, topic.settings(), progress);
    const auto said = other.detail_in(FollowerState::forked);
    EXPECT_NE(said.find("position 20"), std::string::npos) << said;
    for (int p = 0; p < 4; ++p) EXPECT_EQ(topic.records(Partition(p)).size(), 20u);
}

TEST_F(RelayTest, an_older_copy_of_the_store_publishes_nothing) {
    from.store->info.era = Era(2);
    from.grow_all(3);
    ASSERT_TRUE(relay()->caught_up());
    from.store->info.era = Era(1);
    from.grow_all(3);
    const auto one = relay();
    const auto said = one->detail_in(FollowerState::waiting_to_retry);
    EXPECT_NE(said.find("older copy"), std::string::npos) << said;
    EXPECT_EQ(topic.records(Partition(0)).size(), 3u);
}

TEST_F(RelayTest, a_topic_of_another_shape_stops_it_with_the_remedy) {
    topic.create(5, {{"retention.ms", "-1"}});
    from.grow_all(3);
    const auto one = relay();
    const auto said = one->detail_in(FollowerState::waiting_to_retry);
    EXPECT_NE(said.find("has 5 partitions, but this store has 4"), std::string::npos) << said;
}

TEST_F(RelayTest, the_end_is_found_when_the_last_records_are_repeats) {
    from.grow(Partition(0), 40);
    ensure_topic(topic.settings(), {.partitions = 4});
    Producer producer(topic.settings());
    std::int64_t sent = 0;
    const auto send = [&](std::int64_t first, std::int64_t last) {
        for (auto at = first; at <= last; ++at, ++sent) {
            producer.produce(Partition(0), record_of(from.event(Partition(0), at), Era(1), {}));
        }
    };
    send(1, 40);
    send(20, 30);
    ASSERT_TRUE(eventually([&] {
        producer.serve(100ms);
        return producer.acknowledged(Partition(0)) == sent;
    }));
    KafkaConsumer consumer(topic.settings(), 10ms);
    // Even a window that begins inside the repeats' start grows until it is sure.
    for (const std::int64_t window : {1, 12, 15, 51, 1000}) {
        const auto tail = read_tail(consumer, Partition(0), topic.settings(), {}, window);
        ASSERT_TRUE(tail.last) << window;
        EXPECT_GE(tail.last->position, Position(30)) << window;
        EXPECT_FALSE(tail.hole) << window;
        EXPECT_EQ(tail.high, 51);
    }
    EXPECT_EQ(read_tail(consumer, Partition(0), topic.settings(), {}, 12).last->position,
              Position(40));
}

// The topic ends with a late repeat that is longer than what is read back and ends early: the relay
// took its end for the topic's, raised the alarm of lost records and published all behind it again.
TEST_F(RelayTest, an_end_inside_a_long_late_repeat_is_not_taken_for_the_topics) {
    from.grow(Partition(0), 600);
    ensure_topic(topic.settings(), {.partitions = 4});
    Producer producer(topic.settings());
    std::int64_t sent = 0;
    const auto send = [&](std::int64_t first, std::int64_t last) {
        for (auto at = first; at <= last; ++at, ++sent) {
            producer.produce(Partition(0), record_of(from.event(Partition(0), at), Era(1), {}));
        }
        ASSERT_TRUE(eventually([&] {
            producer.serve(100ms);
            return producer.acknowledged(Partition(0)) == sent;
        }));
    };
    send(1, 1);  // a producer's first record goes alone
    send(2, 600);
    send(1, 300);
    progress.note({{Partition(0), cursor_at(from.event(Partition(0), 600))}});
    KafkaConsumer consumer(topic.settings(), 10ms);
    const auto tail = read_tail(consumer, Partition(0), topic.settings(), Position(600));
    ASSERT_TRUE(tail.last);
    EXPECT_EQ(tail.last->position, Position(600));
    const auto one = relay();
    ASSERT_TRUE(one->caught_up());
    EXPECT_EQ(compare().records, 900);
}

}  // namespace
}  // namespace skald::tests
