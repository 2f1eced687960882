// Rounds of a follower: steps that take the runs of all partitions together, and how small rounds
// are gathered.
#include <gtest/gtest.h>

#include "eventstore/follower_fixture.h"

namespace skald::eventstore {
namespace {

using namespace follower_world;
using namespace std::chrono_literals;

constexpr Partition none{9};

class FollowerRoundsTest : public FollowerTest {
  protected:
    std::unique_ptr<Follower> rounds_of(Leases& from, Step& with,
                                        std::chrono::milliseconds gather = 0ms) {
        return follower(
            from, with, [](Partition, const Cursor&) { return true; }, gather);
    }
};

// Takes the runs of a round together, but for those of one partition.
class RoundStep : public WorldStep {
  public:
    RoundStep(World& world, Partition apart) : WorldStep(world), world_(world), apart_(apart) {}
    std::map<Partition, Cursor> apply_together(std::span<const RunAt> runs) override {
        std::lock_guard lock(world_.mutex);
        if (runs.empty()) return {};
        world_.calls.push_back("round");
        world_.next(world_.on_round);
        std::map<Partition, Cursor> taken;
        for (const auto& [partition, at, run] : runs) {
            if (partition == apart_) continue;
            EXPECT_EQ(world_.cursors[partition], at);
            for (const auto& event : run)
                world_.applied[partition].push_back(event.position.value());
            taken[partition] = world_.cursors[partition] = cursor_at(run.back());
        }
        return taken;
    }

  private:
    World& world_;
    Partition apart_;
};

// Has nothing, and waits as long as it is told to.
class PatientSource : public WorldSource {
  public:
    using WorldSource::WorldSource;
    std::vector<Run> poll(std::chrono::milliseconds wait) override {
        std::this_thread::sleep_for(
            std::min(wait, std::chrono::milliseconds(10s)));  // stands for nothing coming
        return {};
    }
};

TEST_F(FollowerRoundsTest, what_a_step_takes_together_it_is_not_given_again) {
    MemoryLeases all(table, "me");
    RoundStep rounds(world, Partition(2));
    for (int i = 0; i < 2; ++i)
        world.on_apply.push_back([] { throw std::runtime_error("passing"); });
    auto one = rounds_of(all, rounds);
    grow_to(10);
    one->start();
    for (int p = 0; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 10));
    one->stop();
    for (int p = 0; p < 4; ++p) expect_all_once(Partition(p));
    world.with([](World& w) {
        EXPECT_TRUE(w.on_apply.empty());
        EXPECT_EQ(std::count(w.calls.begin(), w.calls.end(), "open"), 6);
    });
}

TEST_F(FollowerRoundsTest, a_round_that_fails_is_retried_by_all_its_partitions) {
    MemoryLeases all(table, "me");
    RoundStep rounds(world, none);
    world.length = 4;
    world.on_round.push_back([] { throw Unavailable("the step's store is away"); });
    auto one = rounds_of(all, rounds);
    one->start();
    for (int p = 0; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 4));
    one->stop();
    for (int p = 0; p < 4; ++p) expect_all_once(Partition(p));
    world.with([](World& w) { EXPECT_EQ(std::count(w.calls.begin(), w.calls.end(), "open"), 8); });
}

TEST_F(FollowerRoundsTest, small_rounds_are_gathered_and_stopping_does_not_wait_for_the_next) {
    RoundStep rounds(world, none);
    auto one = rounds_of(leases, rounds, 40ms);
    const auto begun = std::chrono::steady_clock::now();
    grow_to(10);
    one->start();
    EXPECT_TRUE(reaches(p0, 10));  // three events a round: four rounds
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 120ms);
    one->stop();
    expect_all_once(p0);

    MemoryLeaseTable patient(1, 1h);
    MemoryLeases long_held(patient, "me");
    auto slow = rounds_of(long_held, rounds, 1h);
    grow_to(12);
    slow->start();
    EXPECT_TRUE(reaches(p0, 12));
    const auto stopped = std::chrono::steady_clock::now();
    slow->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - stopped, 5s);
}

// Wants to be ticked soon after it took something, and is not given anything meanwhile.
class LazyStep : public WorldStep {
  public:
    explicit LazyStep(World& world) : WorldStep(world), world_(world) {}
    std::chrono::milliseconds tick_within() const override { return 1ms; }
    void tick() override { note("tick"); }
    void last_tick() override { note("last tick"); }

  private:
    void note(const char* call) {
        std::lock_guard lock(world_.mutex);
        world_.calls.emplace_back(call);
    }
    World& world_;
};

TEST_F(FollowerRoundsTest, a_step_is_ticked_when_it_wants_it_and_once_more_before_the_end) {
    LazyStep lazy(world);
    Follower one(
        {.name = "test", .poll_wait = 1h}, leases,
        [this] { return std::make_unique<PatientSource>(world); }, lazy, heads,
        [](Partition, const Cursor&) { return true; });
    one.start();
    EXPECT_TRUE(eventually([&] {
        return world.with(
            [](World& w) { return std::count(w.calls.begin(), w.calls.end(), "tick") > 2; });
    }));
    one.stop();
    world.with([](World& w) {
        const auto last = std::find(w.calls.begin(), w.calls.end(), "last tick");
        ASSERT_NE(last, w.calls.end());
        EXPECT_NE(std::find(last, w.calls.end(), "close"), w.calls.end());
    });
}

}  // namespace
}  // namespace skald::eventstore
