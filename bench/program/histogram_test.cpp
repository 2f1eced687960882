// The histogram that all times go through, beside sorted lists of the same times.
#include "bench/program/histogram.h"

#include <gtest/gtest.h>

#include <random>

namespace skald::bench {
namespace {

constexpr double share_wide = 1.0 / 64;  // how far a bucket's end is above its values

Histogram of(const std::vector<std::int64_t>& times_ns) {
    Histogram histogram;
    for (const auto ns : times_ns) histogram.record(std::chrono::nanoseconds(ns));
    return histogram;
}

TEST(HistogramTest, SmallTimesAreExact) {
    const auto histogram = of({1, 2, 3, 4});
    EXPECT_DOUBLE_EQ(histogram.quantile_ms(0.5), 2e-6);
    EXPECT_DOUBLE_EQ(histogram.quantile_ms(0.75), 3e-6);
    EXPECT_DOUBLE_EQ(histogram.quantile_ms(1), 4e-6);
    EXPECT_EQ(histogram.count(), 4U);
}

TEST(HistogramTest, QuantilesAreThoseOfTheSortedTimesWithinABucket) {
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> any(12, 3);  // around 160 us, from ns to minutes
    std::vector<std::int64_t> times;
    for (int i = 0; i < 100'000; ++i) times.push_back(static_cast<std::int64_t>(any(random)));
    const auto histogram = of(times);
    std::ranges::sort(times);
    for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
        const auto rank = static_cast<std::size_t>(std::ceil(share * 100'000)) - 1;
        const double exact = static_cast<double>(times[rank]) / 1e6;
        EXPECT_GE(histogram.quantile_ms(share), exact) << share;
        EXPECT_LE(histogram.quantile_ms(share), exact * (1 + share_wide)) << share;
    }
    EXPECT_DOUBLE_EQ(histogram.max_ms(), static_cast<double>(times.back()) / 1e6);
}

TEST(HistogramTest, NoQuantileIsAboveTheLongestTime) {
    EXPECT_DOUBLE_EQ(of({1'000'001}).quantile_ms(0.5), 1.000001);
}

TEST(HistogramTest, TheLongestTimeThereIsFitsAndNoneIsNegative) {
    const auto longest = std::numeric_limits<std::int64_t>::max();
    EXPECT_DOUBLE_EQ(of({longest}).quantile_ms(1), static_cast<double>(longest) / 1e6);
    EXPECT_DOUBLE_EQ(of({-5}).quantile_ms(1), 0);
}

TEST(HistogramTest, TwoAddUp) {
    auto both = of({10, 20});
    both.merge(of({30, 40}));
    EXPECT_EQ(both.count(), 4U);
    EXPECT_DOUBLE_EQ(both.quantile_ms(0.75), 30e-6);
    EXPECT_DOUBLE_EQ(both.max_ms(), 40e-6);
}

TEST(HistogramTest, OneOfAnothersPartsIsTheSame) {
    const auto one = of({10, 20, 1'000'001});
    auto same = Histogram::of(one.parts());
    EXPECT_EQ(same.count(), 3U);
    EXPECT_DOUBLE_EQ(same.max_ms(), one.max_ms());
    for (const double share : {0.3, 0.6, 1.0})
        EXPECT_DOUBLE_EQ(same.quantile_ms(share), one.quantile_ms(share));
    same.merge(of({30}));
    EXPECT_EQ(same.count(), 4U);
}

TEST(HistogramTest, OfNothingIsNothing) {
    EXPECT_DOUBLE_EQ(Histogram().quantile_ms(0.99), 0);
    EXPECT_DOUBLE_EQ(Histogram().max_ms(), 0);
}

}  // namespace
}  // namespace skald::bench
