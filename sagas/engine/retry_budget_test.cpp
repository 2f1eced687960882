#include "sagas/engine/retry_budget.h"

#include <gtest/gtest.h>

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

int taken(RetryBudget& budget, RetryBudget::Time now) {
    int taken = 0;
    while (taken < 10'000 && budget.take(now)) ++taken;
    return taken;
}

TEST(RetryBudget, IsBoundedWhateverHasPassed) {
    RetryBudget budget;
    const RetryBudget::Time now = RetryBudget::Time() + 24h;
    EXPECT_EQ(taken(budget, now), 500);
    EXPECT_EQ(taken(budget, now), 0);
}

TEST(RetryBudget, GrowsWithTimeAndWithFirstTries) {
    RetryBudget budget;
    const RetryBudget::Time now = RetryBudget::Time() + 24h;
    taken(budget, now);
    EXPECT_EQ(taken(budget, now + 1001ms), 10);
    for (int i = 0; i < 50; ++i) budget.tried();
    EXPECT_EQ(taken(budget, now + 1001ms), 10);
}

}  // namespace
}  // namespace skald::sagas
