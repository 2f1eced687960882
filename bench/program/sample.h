// What one stretch of measuring gave, and what several of them give together. Plain data.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/program/histogram.h"

namespace skald::bench {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Sample {
    double seconds = 0;
    std::uint64_t operations = 0;
    Histogram latency;
    double client_cpu_s = 0;  // of the process that asks, without what makes the load
    double server_cpu_s = 0;  // of the server that is asked

    double rate() const { return static_cast<double>(operations) / seconds; }
};

// The stretches of one thing, taken in turns with those of all others.
class Samples {
  public:
    void add(Sample sample) {
        latency_.merge(sample.latency);
        operations_ += sample.operations;
        client_cpu_s_ += sample.client_cpu_s;
        server_cpu_s_ += sample.server_cpu_s;
        rates_.push_back(sample.rate());
    }

    // The median stretch, a second: one that a noisy neighbour spoilt does not count.
    double rate() const {
        auto rates = rates_;
        std::ranges::sort(rates);
        const auto middle = rates.size() / 2;
        return rates.size() % 2 == 1 ? rates[middle] : (rates[middle - 1] + rates[middle]) / 2;
    }
    const Histogram& latency() const { return latency_; }
    double client_cpu_per_1000() const { return per_1000(client_cpu_s_); }
    double server_cpu_per_1000() const { return per_1000(server_cpu_s_); }
    double cpu_per_1000() const { return per_1000(client_cpu_s_ + server_cpu_s_); }

  private:
    double per_1000(double cpu_s) const {
        return cpu_s * 1000 / static_cast<double>(std::max<std::uint64_t>(operations_, 1));
    }

    std::vector<double> rates_;
    Histogram latency_;
    std::uint64_t operations_ = 0;
    double client_cpu_s_ = 0;
    double server_cpu_s_ = 0;
};

}  // namespace skald::bench
