#include "eventstore/follower.h"

#include <gtest/gtest.h>

#include <atomic>

#include "eventstore/follower_fixture.h"

namespace skald::eventstore {
namespace {

using namespace follower_world;
using namespace std::chrono_literals;

TEST_F(FollowerTest, takes_every_event_of_all_its_partitions_once_and_in_order) {
    MemoryLeases all(table, "me");
    auto one = follower(all);
    grow_to(10);
    one->start();
    for (int p = 0; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 10));
    grow_to(25);
    for (int p = 0; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 25));
    one->stop();
    for (int p = 0; p < 4; ++p) expect_all_once(Partition(p));
}

TEST_F(FollowerTest, a_passing_error_of_the_step_is_retried_from_open_on) {
    for (int i = 0; i < 3; ++i) {
        world.on_apply.push_back([] { throw std::runtime_error("passing"); });
    }
    auto one = follower(leases);
    grow_to(10);
    one->start();
    EXPECT_TRUE(reaches(p0, 10));
    one->stop();
    expect_all_once(p0);
    EXPECT_EQ(std::count(world.calls.begin(), world.calls.end(), "open"), 4);
    EXPECT_EQ(std::count(world.calls.begin(), world.calls.end(), "close"), 4);
}

TEST_F(FollowerTest, says_why_it_waits_and_follows_again_when_that_is_over) {
    std::atomic<bool> away = true;
    for (int i = 0; i < 1000; ++i) {
        world.on_open.push_back([&] {
            if (away) throw std::runtime_error("the step's store is away");
        });
    }
    auto one = follower(leases);
    one->start();
    EXPECT_TRUE(reaches_state(*one, FollowerState::waiting_to_retry));
    EXPECT_EQ(one->progress().front().detail, "the step's store is away");
    away = false;
    EXPECT_TRUE(reaches_state(*one, FollowerState::following));
    EXPECT_EQ(one->progress().front().detail, "");
}

TEST_F(FollowerTest, a_failing_source_is_made_anew_and_nothing_is_lost) {
    auto one = follower(leases);
    grow_to(4);
    one->start();
    EXPECT_TRUE(reaches(p0, 4));
    world.with([](World& w) {
        w.poll_failures = 3;
        w.length = 9;
    });
    EXPECT_TRUE(reaches(p0, 9));
    one->stop();
    expect_all_once(p0);
}

TEST_F(FollowerTest, a_cursor_the_log_does_not_hold_is_forked_and_stays_untouched) {
    world.cursors[p0] = cursor_at(event_at(3));
    auto one = follower(leases, [](Partition, const Cursor& c) { return c.position.value() != 3; });
    grow_to(10);
    one->start();
    EXPECT_TRUE(reaches_state(*one, FollowerState::forked));
    std::this_thread::sleep_for(400ms);  // longer than a lease: renewals do not wake it up
    EXPECT_EQ(one->progress().front().state, FollowerState::forked);
    EXPECT_NE(one->progress().front().detail.find("position 3"), std::string::npos);
    one->stop();
    EXPECT_TRUE(world.applied[p0].empty());
}

TEST_F(FollowerTest, one_forked_partition_does_not_stop_the_others) {
    MemoryLeases all(table, "me");
    world.cursors[p0] = cursor_at(event_at(3));
    auto one = follower(all, [](Partition p, const Cursor&) { return p != p0; });
    grow_to(10);
    one->start();
    for (int p = 1; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 10));
    EXPECT_EQ(one->progress().front().state, FollowerState::forked);
}

// Leases that can be made to fail, as PostgreSQL does.
class ShakyLeases : public MemoryLeases {
  public:
    using MemoryLeases::MemoryLeases;
    std::vector<Partition> renew() override {
        if (away) throw Unavailable("no leases");
        return MemoryLeases::renew();
    }
    std::atomic<bool> away = false;
};

TEST_F(FollowerTest, leases_that_cannot_be_confirmed_in_time_stop_it) {
    ShakyLeases shaky(one_partition, "me");
    auto one = follower(shaky);
    grow_to(5);
    one->start();
    EXPECT_TRUE(reaches(p0, 5));
    shaky.away = true;
    EXPECT_TRUE(eventually([&] { return one->progress().empty(); }));
    grow_to(8);
    std::this_thread::sleep_for(50ms);  // time in which it must not move on
    world.with([](World& w) { EXPECT_EQ(w.cursors[p0].position, Position(5)); });
    shaky.away = false;
    EXPECT_TRUE(reaches(p0, 8));
    one->stop();
    expect_all_once(p0);
}

TEST_F(FollowerTest, a_short_outage_of_the_leases_checks_for_a_fork_without_reopening) {
    ShakyLeases shaky(one_partition, "me");
    std::atomic<bool> restored = false;
    auto one = follower(shaky, [&](Partition, const Cursor&) { return !restored; });
    grow_to(5);
    one->start();
    EXPECT_TRUE(reaches(p0, 5));
    shaky.away = true;
    std::this_thread::sleep_for(120ms);  // at least one renewal fails, the lease still holds
    restored = true;
    shaky.away = false;
    EXPECT_TRUE(reaches_state(*one, FollowerState::forked));
}

TEST_F(FollowerTest, a_fenced_owner_lets_go_and_goes_on_where_the_other_left) {
    world.length = 6;
    world.on_apply.push_back([&] { world.cursors[p0] = cursor_at(event_at(2)); });
    auto one = follower(leases);
    one->start();
    EXPECT_TRUE(reaches(p0, 6));
    one->stop();
    EXPECT_EQ(world.applied[p0], (std::vector<std::int64_t>{3, 4, 5, 6}));
}

TEST_F(FollowerTest, a_thread_frozen_beyond_its_lease_applies_nothing_more_on_it) {
    // While the first apply sleeps, the lease runs out and the second run of the round is dropped.
    MemoryLeaseTable two(2, 100ms);
    MemoryLeases both(two, "me");
    std::atomic<int> opened_late = 0;
    world.length = 3;
    world.on_apply.push_back([] { std::this_thread::sleep_for(150ms); });  // a slow step
    world.on_apply.push_back(
        [&] { opened_late = int(std::count(world.calls.begin(), world.calls.end(), "open")); });
    auto one = follower(both);
    one->start();
    EXPECT_TRUE(reaches(Partition(1), 3));
    EXPECT_GE(opened_late, 3);  // two opens before, at least one more before anything was applied
}

TEST_F(FollowerTest, a_round_that_takes_longer_than_a_lease_renews_it_on_the_way) {
    MemoryLeaseTable short_ones(4, 400ms);
    MemoryLeases all(short_ones, "me");
    world.length = 3;
    for (int p = 0; p < 4; ++p)
        world.on_apply.push_back([] { std::this_thread::sleep_for(150ms); });  // a slow step
    auto one = follower(all);
    one->start();
    for (int p = 0; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 3));
    world.with([](World& w) { EXPECT_EQ(w.calls, std::vector<std::string>(4, "open")); });
}

TEST_F(FollowerTest, two_followers_share_the_partitions_and_hand_over) {
    MemoryLeases a(table, "a");
    MemoryLeases b(table, "b");
    auto first = follower(a);
    first->start();
    EXPECT_TRUE(eventually([&] { return first->progress().size() == 4; }));
    auto second = follower(b);
    second->start();
    EXPECT_TRUE(eventually(
        [&] { return first->progress().size() == 2 && second->progress().size() == 2; }));
    grow_to(30);
    for (int p = 0; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 30));
    first->stop();
    EXPECT_TRUE(eventually([&] { return second->progress().size() == 4; }));
    grow_to(40);
    for (int p = 0; p < 4; ++p) EXPECT_TRUE(reaches(Partition(p), 40));
    second->stop();
    for (int p = 0; p < 4; ++p) expect_all_once(Partition(p));
}

TEST_F(FollowerTest, stopping_closes_and_releases) {
    auto one = follower(leases);
    one->start();
    EXPECT_TRUE(reaches_state(*one, FollowerState::following));
    one->stop();
    EXPECT_TRUE(one->progress().empty());
    EXPECT_EQ(world.calls.back(), "close");
    MemoryLeases other(one_partition, "other");
    EXPECT_EQ(other.renew(), std::vector<Partition>{p0});
}

}  // namespace
}  // namespace skald::eventstore
