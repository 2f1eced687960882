// Snapshots of long streams: kept off the way of commands, read by the next process, and never
// trusted where they do not fit.
#include <charconv>

#include "eventstore/executor_fixture.h"
#include "eventstore/snapshot_keeper.h"
#include "eventstore/state_cache.h"

namespace skald::eventstore {
namespace {

// A total whose states are kept. It cannot fall below zero, by its events neither.
class KeptFold : public TotalFold {
  public:
    explicit KeptFold(std::int32_t revision) : revision_(revision) {}
    void apply(std::any& state, const StoredEvent& event) const override {
        TotalFold::apply(state, event);
        if (std::any_cast<long>(state) < 0) throw CorruptStream("below zero");
    }
    std::int32_t revision() const override { return revision_; }
    std::string to_bytes(const std::any& state) const override {
        return std::to_string(std::any_cast<long>(state));
    }
    std::optional<std::any> from_bytes(std::string_view bytes) const override {
        long total = 0;
        if (std::from_chars(bytes.begin(), bytes.end(), total).ec != std::errc{}) return {};
        return total;
    }

  private:
    std::int32_t revision_;
};

class ExecutorSnapshots : public ExecutorTest {
  protected:
    void SetUp() override { start_anew(); }
    // As another process would begin, which holds no states.
    void start_anew(std::int32_t revision = 1) {
        executor.reset();
        start({}, {{"total", std::make_shared<KeptFold>(revision)}});
    }
    Answer add_one(long n) { return executor->run(add("long", n)); }
    void grow(std::int64_t events) {
        auto command = add("long", 1);
        command.decide = [events](const States&) -> Decided {
            return Accepted{{std::vector<NewEvent>(static_cast<std::size_t>(events), added(1))}};
        };
        ASSERT_EQ(executor->run(std::move(command)).kind, AnswerKind::done);
    }
    // What is kept once it is like this.
    Snapshot kept_when(const std::function<bool(const Snapshot&)>& is_so) {
        for (const auto end = Clock::now() + 10s; Clock::now() < end;) {
            if (const auto found = kept(); is_so(found)) return found;
            std::this_thread::sleep_for(1ms);  // sleep: nobody tells when one was written
        }
        ADD_FAILURE() << "the snapshot kept is of version " << kept().version;
        return kept();
    }
    Snapshot kept_at(std::int64_t version) {
        return kept_when([&](const Snapshot& found) { return found.version == Version(version); });
    }
    Snapshot kept() {
        std::lock_guard lock(store->mutex);
        return store->snapshots[total("long")];
    }
    void put_in_its_place(const std::string& state) {
        std::lock_guard lock(store->mutex);
        store->snapshots[total("long")].state = state;
    }
    // Whether no more than `most` can be taken off the total.
    void expect_total(long most) {
        EXPECT_EQ(add_one(-most - 1).kind, AnswerKind::refused);
        EXPECT_EQ(add_one(-most).kind, AnswerKind::done);
    }
    static constexpr auto enough = events_between_snapshots;
};

TEST_F(ExecutorSnapshots, AreKeptOfLongStreamsAndOnlyOfThose) {
    grow(enough - 1);
    executor->run(add("short", 1));
    EXPECT_EQ(kept().version, Version(0));
    const auto last = fresh_command_id();
    executor->run(add("long", 7, last));
    executor->run(add("short", 1));  // what is due is offered with the next decision
    const auto snapshot = kept_at(enough);
    EXPECT_EQ(snapshot.state, std::to_string(enough - 1 + 7));
    EXPECT_EQ(snapshot.last.command, last);
    EXPECT_EQ(snapshot.last.command_seq, 1);
    EXPECT_EQ(snapshot.revision, 1);
    grow(enough);
    executor->run(add("short", 1));
    kept_at(2 * enough);
    EXPECT_EQ(store->snapshots.size(), 1U);
}

TEST_F(ExecutorSnapshots, AreWhatTheNextProcessBeginsWith) {
    grow(enough);
    add_one(1);
    kept_at(enough);
    put_in_its_place("40");  // as no event tells it: so it is seen to be read
    start_anew();
    expect_total(41);
}

TEST_F(ExecutorSnapshots, OfAnotherRevisionAreNotReadAndMakePlace) {
    grow(enough);
    add_one(0);
    kept_at(enough);
    put_in_its_place("1000000");
    start_anew(2);
    EXPECT_EQ(add_one(-enough - 1).kind, AnswerKind::refused);
    const auto newer = kept_when([](const Snapshot& found) { return found.revision == 2; });
    EXPECT_EQ(newer.version, Version(enough));
    EXPECT_EQ(newer.state, std::to_string(enough));
}

TEST_F(ExecutorSnapshots, ThatHoldNoStateAreNotReadAndMakePlace) {
    grow(enough);
    add_one(0);
    kept_at(enough);
    put_in_its_place("nonsense");
    start_anew();
    EXPECT_EQ(add_one(-enough - 1).kind, AnswerKind::refused);
    const auto better = kept_when([](const Snapshot& found) { return found.state != "nonsense"; });
    EXPECT_EQ(better.version, Version(enough));
    EXPECT_EQ(better.state, std::to_string(enough));
}

// The story: a snapshot says less than was there, and the events behind it cannot follow on it. The
// stream is in order, and was taken for corrupt.
TEST_F(ExecutorSnapshots, ThatTheNextEventsCannotFollowAreNotBelieved) {
    grow(enough);
    add_one(0);
    kept_at(enough);
    EXPECT_EQ(add_one(-10).kind, AnswerKind::done);
    put_in_its_place("3");
    start_anew();
    expect_total(enough - 10);
}

TEST_F(ExecutorSnapshots, WhoseLastEventTheLogDoesNotHoldAreNotRead) {
    grow(enough);
    add_one(0);
    kept_at(enough);
    put_in_its_place("1000000");
    {
        std::lock_guard lock(store->mutex);
        store->snapshots[total("long")].last.command = fresh_command_id();
    }
    start_anew();
    expect_total(enough);
}

TEST_F(ExecutorSnapshots, HoldNobodyUpWhenTheyCannotBeWrittenOrRead) {
    faults.fail_keeps = 1;
    grow(enough);
    add_one(0);
    kept_when([this](const Snapshot&) { return faults.fail_keeps == 0; });
    expect_total(enough);
    EXPECT_EQ(kept().version, Version(0));
    grow(enough);
    add_one(0);
    kept_at(2 * enough + 1);
    put_in_its_place("1000000");
    faults.refuse_snapshots = true;
    start_anew();
    expect_total(enough);
}

// The story: a batch decides on what the one before leaves, so a stream that is in all of them
// never learnt that a snapshot was kept, and was written anew as often as the keeper was free.
TEST(StateCacheSnapshots, AStateOnItsWayThroughBatchesLearnsOfOneThatIsKept) {
    const Folds folds{{"total", std::make_shared<KeptFold>(1)}};
    StateCache cache(folds, 1'000'000);
    const auto state_at = [](std::int64_t version) {
        return CachedState{.state = 1L, .version = Version(version)};
    };
    cache.put(total("long"), state_at(600));
    EXPECT_EQ(cache.take_due(), std::vector{total("long")});
    cache.note_kept(total("long"), Version(600));
    cache.put(total("long"), state_at(700));
    EXPECT_TRUE(cache.take_due().empty());
    cache.put(total("long"), state_at(1100));
    EXPECT_EQ(cache.take_due(), std::vector{total("long")});
}

TEST(SnapshotKeeping, WhatWaitsIsForgottenWhenTheLogWasAway) {
    const auto store = std::make_shared<MemoryStore>(4);
    const KeptFold fold(1);
    std::map<std::string, CachedState> states;
    for (const std::string name : {"a", "b", "c"}) {
        MemoryLog log(store);
        const AppendCommand command{.id = fresh_command_id(),
                                    .uses = {{total(name), Version(0), {added(1)}}}};
        log.append(std::span(&command, 1));
        const StreamFrom from{total(name), Version(0)};
        states[name] = {.state = 1L,
                        .version = Version(1),
                        .last = mark_of(log.read_streams(std::span(&from, 1), 1).at(0))};
    }
    SnapshotKeeper keeper([&] { return std::make_unique<MemoryLog>(store); }, 300ms);
    const auto wait_for = [&](const std::string& name) {
        for (const auto end = Clock::now() + 10s; Clock::now() < end;) {
            {
                std::lock_guard lock(store->mutex);
                if (store->snapshots.contains(total(name))) return;
            }
            std::this_thread::sleep_for(1ms);  // sleep: nobody tells when one was written
        }
        FAIL() << name << " was not written";
    };
    ASSERT_TRUE(keeper.offer(total("a"), states["a"], fold));
    wait_for("a");  // the next writing is a pause away
    ASSERT_TRUE(keeper.offer(total("b"), states["b"], fold));
    keeper.forget();
    ASSERT_TRUE(keeper.offer(total("c"), states["c"], fold));
    wait_for("c");
    EXPECT_FALSE(store->snapshots.contains(total("b")));
}

}  // namespace
}  // namespace skald::eventstore
