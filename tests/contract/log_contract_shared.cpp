// What a log promises to several who write and read it at the same time, or in turns.
#include <atomic>
#include <thread>

#include "tests/contract/log_contract.h"

namespace skald::tests {

using namespace eventstore;

// The promise that readers build on: while many writers append, whoever reads position > n never
// sees a hole, and sees every event in the end.
TEST_P(LogContract, AReaderNeverSkipsAnEventWhileWritersCompete) {
    start(2);
    constexpr int writers = 4;
    constexpr int each = 60;
    std::vector<std::jthread> threads;
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([this, w] {
            const auto log = store_->open();
            for (int i = 0; i < each; ++i) {
                const auto name = "s-" + std::to_string(w) + "." + std::to_string(i);
                const auto other = "t-" + std::to_string(i) + "." + std::to_string(w);
                const auto result = log->append(std::vector{
                    command(1000 * w + i, {uses(name, 0, {"a"}), uses(other, 0, {"b"})})});
                if (kinds(result) != "accepted") ADD_FAILURE() << kinds(result);
            }
        });
    }
    std::vector<Position> cursors(2);
    for (std::int64_t seen = 0; seen < 2 * writers * each;) {
        for (int p = 0; p < 2; ++p) {
            auto& cursor = cursors[static_cast<std::size_t>(p)];
            for (const auto& stored : log().read(Partition(p), cursor, {})) {
                ASSERT_EQ(stored.position, cursor + 1);
                ++cursor;
                ++seen;
            }
        }
    }
    for (int p = 0; p < 2; ++p)
        EXPECT_EQ(log().heads()[static_cast<std::size_t>(p)], cursors[static_cast<std::size_t>(p)]);
}

// Two processes retry one command at the same time: it happens once.
TEST_P(LogContract, OneCommandSentByManyAtOnceHappensOnce) {
    std::atomic<int> accepted{0};
    std::atomic<int> duplicate{0};
    for (int round = 0; round < 20; ++round) {
        std::vector<std::jthread> threads;
        for (int w = 0; w < 4; ++w) {
            threads.emplace_back([&, w, round] {
                const auto log = store_->open();
                // On streams of different partitions, so that only the receipt can keep them apart.
                const auto result = log->append(std::vector{command(
                    round,
                    {uses("r-" + std::to_string(w) + "x" + std::to_string(round), 0, {"once"})})});
                if (result.outcomes[0].kind == OutcomeKind::accepted) ++accepted;
                if (result.outcomes[0].kind == OutcomeKind::duplicate) ++duplicate;
            });
        }
    }
    EXPECT_EQ(accepted, 20);
    EXPECT_EQ(duplicate, 60);
}

// Who has seen a stream at a head of its partition may say so, and is believed only until somebody
// else writes there: a command that read a stream must not slip through on what it saw before.
TEST_P(LogContract, WhatWasSeenAtAHeadHoldsUntilAnotherWritesToThePartition) {
    start(1);
    const auto reading = [](std::int64_t expected, Position seen_at) {
        auto use = uses("a-1", expected, {});
        use.seen_at = seen_at;
        return use;
    };
    const auto first = log().append(std::vector{command(1, {uses("a-1", 0, {"x"})})});
    const auto mine = log().append(
        std::vector{command(2, {uses("b-1", 0, {"y"}), reading(1, first.heads[0].second)})});
    ASSERT_EQ(kinds(mine), "accepted");
    EXPECT_EQ(mine.parts.at(0).heads_before, (std::vector{Position(1)}));

    const auto other = store_->open();
    ASSERT_EQ(kinds(other->append(std::vector{command(3, {uses("a-1", 1, {"z"})})})), "accepted");
    const auto late = log().append(
        std::vector{command(4, {uses("b-1", 1, {"w"}), reading(1, mine.heads[0].second)})});
    EXPECT_EQ(kinds(late), "conflict");
    EXPECT_EQ(late.parts.at(0).heads_before, (std::vector{Position(3)}));
    const auto again = log().append(
        std::vector{command(5, {uses("b-1", 1, {"w"}), reading(2, late.heads[0].second)})});
    EXPECT_EQ(kinds(again), "accepted");
    EXPECT_EQ(content(log(), "b-1"), "y w");
}

// Two who take turns, each for longer than the other's writes are remembered: whoever goes on from
// where it left the partition meets what was written there since.
TEST_P(LogContract, PositionsStayDenseWhereTwoTakeTurnsInAPartition) {
    start(1);
    const auto other = store_->open();
    int n = 0;
    std::int64_t head = 0;
    for (const int turns : {1, 1, 2, 130, 1, 130, 1}) {
        for (auto* log : {log_.get(), other.get()}) {
            for (int i = 0; i < turns; ++i) {
                const auto stream = "s-" + std::to_string(++n);
                const auto result = log->append(std::vector{command(n, {uses(stream, 0, {"x"})})});
                ASSERT_EQ(kinds(result), "accepted");
                ASSERT_EQ(result.parts.at(0).heads_before, std::vector{Position(head)});
                ASSERT_EQ(result.heads.at(0).second, Position(++head));
            }
        }
    }
    const auto stored = log().read(Partition(0), Position(0), {});
    ASSERT_EQ(stored.size(), static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < stored.size(); ++i)
        EXPECT_EQ(stored[i].position, Position(static_cast<std::int64_t>(i) + 1));
}

}  // namespace skald::tests
