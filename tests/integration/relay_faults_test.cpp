// A broker that freezes, goes away and comes back, under a relay at work. The broker is the test's
// own.
#include <gtest/gtest.h>

#include "eventstore/kafka/kafka_source.h"
#include "eventstore/kafka/verify_topic.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka/own_broker.h"
#include "tests/support/kafka/test_topic.h"
#include "tests/support/relay_rig.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class RelayFaults : public testing::Test {
  protected:
    static void SetUpTestSuite() { broker = std::make_unique<OwnBroker>(); }
    static void TearDownTestSuite() { broker.reset(); }

    TopicComparison compare() {
        const auto log = from.log();
        const auto heads = log->heads();
        return verify_topic(
            {.brokers = broker->address(), .topic = topic.settings().topic, .patience = 2s}, *log,
            heads);
    }
    // What is there must be right; `complete`: and all of it.
    void expect_same(const TopicComparison& found) {
        EXPECT_TRUE(found.same()) << found.first << ", missing " << found.missing << ", phantom "
                                  << found.phantom << ", duplicate " << found.duplicate
                                  << ", reordered " << found.reordered;
    }
    std::unique_ptr<RelayRig> relay() {
        return std::make_unique<RelayRig>(from, topic.settings(), progress);
    }
    // Follows partition by partition by Kafka with the log as fallback, and keeps what came.
    class Reader {
      public:
        explicit Reader(RelayFaults& test)
            : source_({.follower = "reader"}, std::make_shared<TopicFeed>(test.topic.settings()),
                      test.from.log(), test.from.heads) {
            for (int p = 0; p < 4; ++p) {
                at_[Partition(p)] = {};
                source_.assign(Partition(p), {});
            }
        }
        bool reaches(std::int64_t position, std::chrono::milliseconds patience) {
            return eventually(
                [&] {
                    for (const auto& run : source_.poll(20ms)) {
                        for (const auto& event : run.events) {
                            EXPECT_EQ(event.position, at_[run.partition].position + 1);
                            at_[run.partition] = cursor_at(event);
                        }
                    }
                    return std::all_of(at_.begin(), at_.end(), [&](const auto& one) {
                        return one.second.position >= Position(position);
                    });
                },
                patience);
        }
        int on_log() const {
            int count = 0;
            for (const auto& [partition, at] : at_) count += source_.on_log(partition);
            return count;
        }

      private:
        KafkaSource source_;
        std::map<Partition, Cursor> at_;
    };

    static inline std::unique_ptr<OwnBroker> broker;
    TestTopic topic{broker->address()};
    LogWriter from{4};
    MemoryProgress progress;
};

TEST_F(RelayFaults, late_requests_of_producers_given_up_leave_only_repeats) {
    from.grow_all(10);
    const auto one = relay();
    ASSERT_TRUE(one->caught_up());
    std::int64_t repeats = 0;
    for (int round = 0; round < 6; ++round) {
        broker->freeze();
        from.grow_all(60, 200);
        // The producer waits a second and is given up; its requests lie in the broker's socket.
        std::this_thread::sleep_for(1100ms + 150ms * round);  // another moment each round
        broker->thaw();
        from.grow_all(20);
        ASSERT_TRUE(one->caught_up());
        const auto found = compare();
        expect_same(found);
        repeats = found.repeats;
    }
    RecordProperty("repeats", std::to_string(repeats));
    // And a relay that starts behind such an end finds it.
    from.grow_all(5);
    ASSERT_TRUE(relay()->caught_up());
    expect_same(compare());
}

TEST_F(RelayFaults, runs_do_not_wait_for_those_before_and_only_what_is_acknowledged_is_noted) {
    constexpr Partition p0{0};
    from.grow_all(10);
    RelayRig one(from, topic.settings(), progress, {.ack_timeout = 2s});
    ASSERT_TRUE(one.caught_up());
    const auto handed_over = [&](std::int64_t position) {
        return eventually([&] {
            for (const auto& at : one.follower().progress()) {
                if (at.partition == p0) return at.position == Position(position);
            }
            return false;
        });
    };
    broker->freeze();
    from.grow(p0, 5);
    EXPECT_TRUE(handed_over(15));
    from.grow(p0, 5);
    EXPECT_TRUE(handed_over(20));
    EXPECT_EQ(progress.noted(p0).position, Position(10));
    broker->thaw();
    ASSERT_TRUE(one.caught_up());
    EXPECT_EQ(progress.noted(p0).position, Position(20));
    expect_same(compare());
}

TEST_F(RelayFaults, a_frozen_broker_under_two_relays_leaves_only_repeats) {
    from.grow_all(10);
    const auto one = relay();
    const auto two = relay();
    ASSERT_TRUE(one->caught_up());
    broker->freeze();
    from.grow_all(300);
    std::this_thread::sleep_for(2500ms);  // long enough to give producers up
    broker->thaw();
    ASSERT_TRUE(one->caught_up());
    ASSERT_TRUE(two->caught_up());
    expect_same(compare());
}

TEST_F(RelayFaults, while_kafka_is_away_readers_follow_the_log_and_then_go_back) {
    from.grow_all(50);
    const auto one = relay();
    Reader reader(*this);
    ASSERT_TRUE(eventually([&] { return reader.reaches(50, 1s) && reader.on_log() == 0; }));

    broker->stop();
    from.grow_all(50);
    EXPECT_TRUE(reader.reaches(100, 5s));
    EXPECT_EQ(reader.on_log(), 4);
    from.grow_all(50);
    EXPECT_TRUE(reader.reaches(150, 1s));  // without waiting for Kafka's silence each time

    broker->start();
    EXPECT_TRUE(eventually([&] { return reader.reaches(150, 1s) && reader.on_log() == 0; }, 60s));
    ASSERT_TRUE(one->caught_up(60s));
    expect_same(compare());
    from.grow_all(10);
    EXPECT_TRUE(reader.reaches(160, 10s));
}

TEST_F(RelayFaults, a_relay_stops_promptly_while_kafka_is_away) {
    from.grow_all(50);
    auto one = relay();
    ASSERT_TRUE(one->caught_up());
    broker->freeze();
    from.grow_all(50);
    std::this_thread::sleep_for(200ms);  // so that it is at work; right without it too
    auto began = Clock::now();
    one.reset();
    EXPECT_LT(Clock::now() - began, 5s);
    one = relay();                       // and so does one that never got to see it
    std::this_thread::sleep_for(200ms);  // so that it is at work; right without it too
    began = Clock::now();
    one.reset();
    EXPECT_LT(Clock::now() - began, 6s);
    broker->thaw();
    ASSERT_TRUE(relay()->caught_up());
    expect_same(compare());
}

}  // namespace
}  // namespace skald::tests
