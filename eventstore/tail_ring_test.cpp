// The ring by itself, and as the source of a follower that must not be given events of two
// histories of the log.
#include "eventstore/tail_ring.h"

#include <gtest/gtest.h>

#include "eventstore/executor_fixture.h"
#include "eventstore/log_source.h"

namespace skald::eventstore {
namespace {

constexpr std::int32_t ring_partitions = 2;

class TailRingTest : public testing::Test {
  protected:
    // An append of another process, unless `into` keeps it. Partition 0 or 1.
    AppendResult append(int partition, int count, TailRing* into, std::size_t bytes = 10) {
        const auto sent = Clock::now();
        auto& version = versions[partition];
        StreamUse use{stream_in(partition), version, {}};
        for (int i = 0; i < count; ++i)
            use.events.push_back({.type = "a", .data = std::string(bytes, 'x'), .meta = {}});
        version = version + count;
        const std::vector<AppendCommand> batch{{.id = fresh_command_id(), .uses = {use}}};
        auto result = log.append(batch);
        if (into != nullptr) into->add({batch, result, sent});
        heads.announce(result.heads);
        return result;
    }
    static StreamName stream_in(int partition) {
        for (int i = 0;; ++i) {
            const auto name = StreamName::of("a", std::to_string(i));
            if (partition_of(name.partition_key(), ring_partitions) == Partition(partition))
                return name;
        }
    }
    std::vector<std::int64_t> held(Position position, const ReadLimit& limit = {}) const {
        std::vector<std::int64_t> found;
        for (const auto& event : ring.after(ring.life(), Partition(0), position, limit))
            found.push_back(event.position.value());
        return found;
    }
    std::unique_ptr<LogSource> source() {
        auto made = std::make_unique<LogSource>(std::make_unique<MemoryLog>(store), heads, &ring);
        for (int p = 0; p < ring_partitions; ++p) made->assign(Partition(p), {});
        return made;
    }
    static std::int64_t count(const std::vector<eventstore::Run>& runs) {
        std::int64_t sum = 0;
        for (const auto& run : runs) sum += static_cast<std::int64_t>(run.events.size());
        return sum;
    }

    using Held = std::vector<std::int64_t>;
    std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>(ring_partitions);
    MemoryLog log{store};
    HeadWatch heads{ring_partitions};
    TailRing ring{ring_partitions};
    std::map<int, Version> versions;
};

TEST_F(TailRingTest, gives_what_follows_a_position_without_holes_and_within_limits) {
    append(0, 2, nullptr);  // positions 1 and 2 are somebody else's
    append(0, 3, &ring);
    append(0, 1, &ring);
    append(1, 1, &ring);
    append(0, 1, nullptr);  // 7
    append(0, 2, &ring);
    EXPECT_EQ(held(Position(0)), Held{});
    EXPECT_EQ(held(Position(1)), Held{});
    EXPECT_EQ(held(Position(2)), (Held{3, 4, 5, 6}));
    EXPECT_EQ(held(Position(4)), (Held{5, 6}));
    EXPECT_EQ(held(Position(6)), Held{});
    EXPECT_EQ(held(Position(7)), (Held{8, 9}));
    EXPECT_EQ(held(Position(9)), Held{});
    EXPECT_EQ(held(Position(2), {.events_max = 2}), (Held{3, 4}));
    EXPECT_EQ(held(Position(3), {.events_max = 100, .bytes_max = 11}), (Held{4, 5}));
    EXPECT_TRUE(ring.holds(Partition(0), Position(6)));
    EXPECT_FALSE(ring.holds(Partition(0), Position(7)));
}

// Two executors of a process may tell of their commits in another order than PostgreSQL took them.
TEST_F(TailRingTest, takes_commits_in_any_order) {
    TailRing first(ring_partitions);
    const auto sent = Clock::now();
    const std::vector<AppendCommand> one{
        {.id = fresh_command_id(), .uses = {{stream_in(0), Version(0), {{.type = "a"}}}}}};
    const std::vector<AppendCommand> two{
        {.id = fresh_command_id(), .uses = {{stream_in(0), Version(1), {{.type = "a"}}}}}};
    const auto result_of_one = log.append(one);
    const auto result_of_two = log.append(two);
    ring.add({two, result_of_two, sent});
    EXPECT_EQ(held(Position(0)), Held{});
    ring.add({one, result_of_one, sent});
    EXPECT_EQ(held(Position(0)), (Held{1, 2}));
}

TEST_F(TailRingTest, lets_the_oldest_go_when_it_is_full) {
    TailRing small(ring_partitions, 40'000);
    for (int i = 0; i < 30; ++i) append(0, 1, &small, 4'000);
    EXPECT_FALSE(small.holds(Partition(0), Position(20)));
    EXPECT_TRUE(small.holds(Partition(0), Position(28)));
    EXPECT_TRUE(small.after(small.life(), Partition(0), Position(0), {}).empty());
    EXPECT_EQ(small.after(small.life(), Partition(0), Position(28), {}).size(), 2U);
}

TEST_F(TailRingTest, once_forgotten_it_takes_no_commit_that_was_sent_before) {
    const auto sent = Clock::now();
    const std::vector<AppendCommand> batch{
        {.id = fresh_command_id(), .uses = {{stream_in(0), Version(0), {{.type = "a"}}}}}};
    const auto result = log.append(batch);
    const auto life = ring.life();
    ring.forget();
    ring.add({batch, result, sent});
    EXPECT_EQ(held(Position(0)), Held{});
    EXPECT_THROW(ring.after(life, Partition(0), Position(0), {}), Unavailable);
}

TEST_F(TailRingTest, a_source_asks_the_log_only_for_what_the_ring_lacks) {
    const auto from = source();
    for (int i = 0; i < 10; ++i) {
        append(0, 2, &ring);
        append(1, 1, &ring);
        EXPECT_EQ(count(from->poll(0ms)), 3);
    }
    EXPECT_EQ(from->asked_log(), 0U);
    append(0, 1, nullptr);
    append(0, 1, &ring);
    append(1, 1, &ring);
    EXPECT_EQ(count(from->poll(0ms)), 3);
    EXPECT_EQ(from->asked_log(), 1U);
    append(0, 1, &ring);
    EXPECT_EQ(count(from->poll(0ms)), 1);
    EXPECT_EQ(from->asked_log(), 1U);
}

// A follower at position 5 saw a log that is then restored to position 2 and written anew. Its
// source never asked that log for anything, so no lost connection tells it; given 6 and 7 of the
// new history, it would go on as if they followed.
TEST_F(TailRingTest, a_source_is_not_given_another_history_than_it_began_with) {
    const auto from = source();
    append(0, 5, &ring);
    EXPECT_EQ(count(from->poll(0ms)), 5);
    EXPECT_EQ(from->asked_log(), 0U);

    auto& events = store->partitions[0];
    events.resize(2);
    store->streams[stream_in(0)].resize(2);
    versions[0] = Version(2);
    ring.forget();  // as the executor does, whose connection broke
    append(0, 5, &ring);
    EXPECT_THROW(from->poll(0ms), Unavailable);
    EXPECT_EQ(count(source()->poll(0ms)), 7);  // opened anew, from wherever the fork check allows
}

TEST_F(ExecutorTest, TheListenerHearsOfEachCommitAndBeforeTheNextOneThatTheLogWasAway) {
    std::string heard;
    executor.reset();
    executor = std::make_unique<Executor>(
        [this] { return std::make_unique<FaultyLog>(store, faults); }, folds(),
        ExecutorLimits{.retry_pause = 5ms},
        CommitListener{.committed =
                           [&](const Commit& commit) {
                               heard +=
                                   "commit " + std::to_string(left_by(commit, 4).size()) + ", ";
                           },
                       .log_was_away = [&] { heard += "away, "; }});
    executor->run(add("a", 1));
    faults.fail_before_append = 1;
    executor->run(add("a", 1));
    faults.fail_after_append = 1;
    executor->run(add("b", 1));
    executor->stop();
    EXPECT_EQ(heard, "commit 1, away, commit 1, away, commit 0, ");
}

}  // namespace
}  // namespace skald::eventstore
