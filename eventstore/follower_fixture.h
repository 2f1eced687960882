// What followers are tested on: a log of so many events in each partition, leases in memory, and a
// step that remembers what it was given. Sources and steps run on followers' threads, under the
// world's mutex.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "eventstore/follower.h"
#include "eventstore/memory_leases.h"

namespace skald::eventstore::follower_world {

using namespace std::chrono_literals;

inline constexpr Partition p0{0};

inline StoredEvent event_at(std::int64_t position) {
    StoredEvent event;
    event.position = Position(position);
    event.id = event_id(CommandId{}, int(position));
    return event;
}

// A log of `length` events in each partition, shared by sources and steps of a test.
struct World {
    std::mutex mutex;
    std::int64_t length = 0;
    std::map<Partition, std::vector<std::int64_t>> applied;
    std::map<Partition, Cursor> cursors;
    std::vector<std::string> calls;
    std::deque<std::function<void()>> on_apply;  // what each next apply does first
    std::deque<std::function<void()>> on_open;
    std::deque<std::function<void()>> on_round;
    int poll_failures = 0;

    void next(std::deque<std::function<void()>>& what) {
        if (what.empty()) return;
        const auto act = what.front();
        what.pop_front();
        act();
    }
    template <class F>
    auto with(F f) {
        std::lock_guard lock(mutex);
        return f(*this);
    }
};

class WorldSource : public Source {
  public:
    explicit WorldSource(World& world) : world_(world) {}
    void assign(Partition partition, const Cursor& at) override { at_[partition] = at.position; }
    void unassign(Partition partition) override { at_.erase(partition); }
    std::vector<Run> poll(std::chrono::milliseconds wait) override {
        std::this_thread::sleep_for(std::min(wait, 2ms));  // stands for a network wait
        std::lock_guard lock(world_.mutex);
        if (world_.poll_failures > 0) {
            --world_.poll_failures;
            throw Unavailable("the source is away");
        }
        std::vector<Run> runs;
        for (auto& [partition, at] : at_) {
            std::vector<StoredEvent> events;
            while (at.value() < world_.length && events.size() < 3) {
                events.push_back(event_at((++at).value()));
            }
            if (!events.empty()) runs.push_back({partition, std::move(events)});
        }
        return runs;
    }

  private:
    World& world_;
    std::map<Partition, Position> at_;
};

class WorldStep : public Step {
  public:
    explicit WorldStep(World& world) : world_(world) {}
    Cursor open(Partition partition) override {
        std::lock_guard lock(world_.mutex);
        world_.calls.push_back("open");
        world_.next(world_.on_open);
        return world_.cursors[partition];
    }
    Cursor apply(Partition partition, const Cursor& at, std::span<const StoredEvent> run) override {
        std::lock_guard lock(world_.mutex);
        world_.next(world_.on_apply);
        if (world_.cursors[partition] != at) throw Fenced("moved by another owner");
        for (const auto& event : run) world_.applied[partition].push_back(event.position.value());
        return world_.cursors[partition] = cursor_at(run.back());
    }
    void close(Partition) override {
        std::lock_guard lock(world_.mutex);
        world_.calls.push_back("close");
    }

  private:
    World& world_;
};

inline bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(1ms);  // between two looks at what has no condition variable
    }
    return true;
}

inline std::vector<std::int64_t> up_to(std::int64_t n) {
    std::vector<std::int64_t> all(std::size_t(n), 0);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = std::int64_t(i) + 1;
    return all;
}

class FollowerTest : public testing::Test {
  protected:
    std::unique_ptr<Follower> follower(Leases& from, ForkCheck check = {}) {
        if (!check) check = [](Partition, const Cursor&) { return true; };
        return follower(from, step, check, 0ms);
    }
    std::unique_ptr<Follower> follower(Leases& from, Step& with, ForkCheck check,
                                       std::chrono::milliseconds gather) {
        return std::make_unique<Follower>(
            FollowerOptions{.name = "test",
                            .poll_wait = 5ms,
                            .gather = gather,
                            .retry_first = 1ms,
                            .retry_max = 5ms},
            from, [this] { return std::make_unique<WorldSource>(world); }, with, heads,
            std::move(check));
    }
    void grow_to(std::int64_t length) {
        world.with([&](World& w) { w.length = length; });
    }
    bool reaches(Partition partition, std::int64_t position) {
        return eventually([&] {
            return world.with(
                [&](World& w) { return w.cursors[partition].position == Position(position); });
        });
    }
    bool reaches_state(Follower& one, FollowerState state) {
        return eventually([&] {
            const auto progress = one.progress();
            return !progress.empty() && progress.front().state == state;
        });
    }
    void expect_all_once(Partition partition) {
        world.with([&](World& w) { EXPECT_EQ(w.applied[partition], up_to(w.length)); });
    }

    World world;
    WorldStep step{world};
    HeadWatch heads{4};
    MemoryLeaseTable table{4, 300ms};
    MemoryLeaseTable one_partition{1, 300ms};
    MemoryLeases leases{one_partition, "me"};
};

}  // namespace skald::eventstore::follower_world
