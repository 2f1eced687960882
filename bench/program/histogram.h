// Counts times in buckets that are 1/64 of their value wide, from a nanosecond to centuries: so
// quantiles are right within 1.6 percent and two histograms add up, also that of another process.
// One thread.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace skald::bench {

class Histogram {
  public:
    void record(std::chrono::nanoseconds time) {
        const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
        ++buckets_[bucket_of(ns)];
        ++count_;
        max_ns_ = std::max(max_ns_, ns);
    }

    void merge(const Histogram& other) {
        for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
        count_ += other.count_;
        max_ns_ = std::max(max_ns_, other.max_ns_);
    }

    // What another process has to be told to have the same histogram.
    struct Parts {
        std::vector<std::uint64_t> buckets;
        std::uint64_t max_ns = 0;
    };
    Parts parts() const { return {buckets_, max_ns_}; }
    static Histogram of(Parts parts) {
        Histogram histogram;
        if (parts.buckets.size() != histogram.buckets_.size())
            throw std::invalid_argument("these are not the parts of a histogram");
        histogram.buckets_ = std::move(parts.buckets);
        histogram.max_ns_ = parts.max_ns;
        for (const auto count : histogram.buckets_) histogram.count_ += count;
        return histogram;
    }

    std::uint64_t count() const { return count_; }
    double max_ms() const { return static_cast<double>(max_ns_) / 1e6; }

    // The time that this share of all times does not exceed; 0 of none.
    double quantile_ms(double share) const {
        const auto wanted =
            static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen >= wanted && seen > 0) {
                return static_cast<double>(std::min(upper_end(i), max_ns_)) / 1e6;
            }
        }
        return 0;
    }

  private:
    static constexpr int precision_bits = 6;
    static constexpr std::size_t per_octave = 1U << precision_bits;
    static constexpr std::size_t octaves = 64 - precision_bits + 1;

    // Below 64 a bucket for each value, above it 64 for each power of two.
    static std::size_t bucket_of(std::uint64_t ns) {
        if (ns < per_octave) return ns;
        const auto shift = static_cast<std::size_t>(std::bit_width(ns)) - precision_bits - 1;
        return shift * per_octave + (ns >> shift);
    }
    static std::uint64_t upper_end(std::size_t bucket) {
        if (bucket < per_octave) return bucket;
        const auto shift = bucket / per_octave - 1;
        return ((bucket % per_octave + per_octave + 1) << shift) - 1;
    }

    std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(octaves * per_octave);
    std::uint64_t count_ = 0;
    std::uint64_t max_ns_ = 0;
};

}  // namespace skald::bench
