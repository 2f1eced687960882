#include "sagas/providers/bulkhead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

TEST(Bulkhead, TurnsAwayAtOnceWhenNobodyMayWait) {
    Bulkhead bulkhead({.calls_max = 1, .waiting_max = 0, .wait_max = 1h});
    const auto place = bulkhead.enter(1h);
    ASSERT_TRUE(place);
    EXPECT_FALSE(bulkhead.enter(1h));
}

TEST(Bulkhead, WaitsNoLongerThanEitherPatienceAllows) {
    Bulkhead patient({.calls_max = 1, .waiting_max = 1, .wait_max = 1h});
    Bulkhead hasty({.calls_max = 1, .waiting_max = 1, .wait_max = 1ms});
    const auto a = patient.enter(1h);
    const auto b = hasty.enter(1h);
    EXPECT_FALSE(patient.enter(1ms));
    EXPECT_FALSE(hasty.enter(1h));
}

TEST(Bulkhead, APlaceLeftGoesToWhoWaits) {
    Bulkhead bulkhead({.calls_max = 1, .waiting_max = 1, .wait_max = 1min});
    auto place = bulkhead.enter(1min);
    auto waiting = std::async(std::launch::async, [&] { return bulkhead.enter(1min).has_value(); });
    std::this_thread::sleep_for(20ms);  // so that it waits; the outcome is the same if it does not
    place.reset();
    EXPECT_TRUE(waiting.get());
    EXPECT_EQ(bulkhead.in_use(), 0);
}

TEST(Bulkhead, NeverHoldsMoreThanItMayUnderLoad) {
    Bulkhead bulkhead({.calls_max = 3, .waiting_max = 100, .wait_max = 1min});
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    std::atomic<int> entered = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 16; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 200; ++n) {
                    const auto place = bulkhead.enter(1min);
                    if (!place) continue;
                    const int now = ++inside;
                    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                    }
                    ++entered;
                    --inside;
                }
            });
        }
    }
    EXPECT_LE(most, 3);
    EXPECT_EQ(entered, 16 * 200);
    EXPECT_EQ(bulkhead.in_use(), 0);
}

}  // namespace
}  // namespace skald::sagas
