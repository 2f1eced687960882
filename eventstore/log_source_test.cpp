#include "eventstore/log_source.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "eventstore/follower.h"
#include "eventstore/memory/memory_log.h"

namespace skald::eventstore {
namespace {

using namespace std::chrono_literals;

class LogSourceTest : public testing::Test {
  protected:
    // Appends `count` events of `bytes` each to a stream of that partition.
    void grow(Partition partition, int count, std::size_t bytes = 10) {
        for (int i = 0; i < count; ++i) {
            auto& version = versions[partition];
            StreamUse use{
                stream_of(partition), version, {{.type = "a", .data = std::string(bytes, 'x')}}};
            AppendCommand command{.id = fresh_command_id(), .uses = {use}};
            const auto result = log.append(std::span(&command, 1));
            ASSERT_EQ(result.outcomes.front().kind, OutcomeKind::accepted);
            ++version;
            heads.announce(result.heads);
        }
    }
    // A stream that falls into the partition.
    static StreamName stream_of(Partition partition) {
        for (int i = 0;; ++i) {
            const auto name = StreamName::of("a", std::to_string(i));
            if (partition_of(name.partition_key(), 4) == partition) return name;
        }
    }
    std::unique_ptr<LogSource> source(ReadLimit limit = {}, std::int64_t bytes_max = 1 << 20) {
        return std::make_unique<LogSource>(std::make_unique<MemoryLog>(store), heads, limit,
                                           bytes_max);
    }

    std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>(4);
    MemoryLog log{store};
    HeadWatch heads{4};
    std::map<Partition, Version> versions;
};

TEST_F(LogSourceTest, gives_runs_of_all_partitions_after_their_cursors) {
    grow(Partition(0), 5);
    grow(Partition(2), 3);
    auto from = source();
    for (int p = 0; p < 4; ++p) from->assign(Partition(p), {Position(p == 0 ? 2 : 0), {}});
    const auto runs = from->poll(0ms);
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].partition, Partition(0));
    EXPECT_EQ(runs[0].events.front().position, Position(3));
    EXPECT_EQ(runs[0].events.back().position, Position(5));
    EXPECT_EQ(runs[1].events.size(), 3u);
    EXPECT_TRUE(from->poll(0ms).empty());
}

TEST_F(LogSourceTest, a_partition_taken_away_gives_nothing_more) {
    grow(Partition(0), 1);
    auto from = source();
    from->assign(Partition(0), {});
    from->unassign(Partition(0));
    EXPECT_TRUE(from->poll(0ms).empty());
}

TEST_F(LogSourceTest, a_long_partition_does_not_starve_the_others) {
    grow(Partition(0), 50, 1000);
    for (int p = 1; p < 4; ++p) grow(Partition(p), 1, 1000);
    auto from =
        source({.events_max = 5, .bytes_max = 1 << 20}, 5000);  // one full run uses up a poll
    for (int p = 0; p < 4; ++p) from->assign(Partition(p), {});
    std::set<Partition> seen;
    for (int round = 0; round < 2; ++round) {
        for (const auto& run : from->poll(0ms)) {
            EXPECT_LE(run.events.size(), 5u);
            seen.insert(run.partition);
        }
    }
    EXPECT_EQ(seen.size(), 4u);
}

// While there is much to read, the next events are asked for before those at hand are taken.
TEST_F(LogSourceTest, a_backlog_comes_in_order_also_to_partitions_opened_anew_in_its_midst) {
    for (int p = 0; p < 4; ++p) grow(Partition(p), 3'000);
    auto from = source({}, 16 << 20);
    std::map<Partition, Position> at;
    for (int p = 0; p < 4; ++p) from->assign(Partition(p), {});
    const auto poll = [&] {
        const auto runs = from->poll(0ms);
        for (const auto& run : runs) {
            for (const auto& event : run.events) {
                ASSERT_EQ(event.partition, run.partition);
                ASSERT_EQ(event.position, ++at[run.partition]);
            }
        }
    };
    poll();
    EXPECT_EQ(at[Partition(3)], Position(1'000));
    EXPECT_EQ(from->asked_log(), 2U);
    from->assign(Partition(1), {Position(10), {}});
    at[Partition(1)] = Position(10);
    from->unassign(Partition(2));
    grow(Partition(0), 1);
    for (int i = 0; i < 10; ++i) poll();
    EXPECT_EQ(at[Partition(0)], Position(3'001));
    EXPECT_EQ(at[Partition(1)], Position(3'000));
    EXPECT_EQ(at[Partition(2)], Position(1'000));
    EXPECT_EQ(at[Partition(3)], Position(3'000));
}

TEST_F(LogSourceTest, sleeps_until_a_head_moves) {
    auto from = source();
    from->assign(Partition(1), {});
    std::jthread writer([&] {
        std::this_thread::sleep_for(20ms);  // so that the wait has begun; right without it too
        grow(Partition(1), 1);
    });
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(from->poll(10s).size(), 1u);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(LogSourceTest, a_log_that_has_less_than_was_announced_is_not_taken_for_the_end) {
    grow(Partition(0), 2);
    heads.announce({{Partition(0), Position(9)}});
    auto from = source();
    from->assign(Partition(0), {Position(2), {}});
    EXPECT_THROW(from->poll(0ms), Unavailable);
}

TEST_F(LogSourceTest, fork_check_tells_whether_the_log_holds_the_cursor) {
    grow(Partition(0), 3);
    const auto check = log_fork_check([this] { return std::make_unique<MemoryLog>(store); });
    const auto second = store->partitions[0][1];
    EXPECT_TRUE(check(Partition(0), {}));
    EXPECT_TRUE(check(Partition(0), cursor_at(second)));
    EXPECT_FALSE(check(Partition(0), {Position(2), store->partitions[0][2].id}));
    EXPECT_FALSE(check(Partition(0), {Position(4), second.id}));
    EXPECT_FALSE(check(Partition(1), cursor_at(second)));
}

}  // namespace
}  // namespace skald::eventstore
