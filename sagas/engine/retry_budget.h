// How much of all work may be repeated work: with a provider or a database in trouble, retries of
// everybody together must not become the load that keeps it there. A token bucket, as in Finagle's
// RetryBudget: each first try earns a part of a retry, and a few each second are free. One thread.
#pragma once

#include <algorithm>
#include <chrono>

namespace skald::sagas {

class RetryBudget {
  public:
    using Time = std::chrono::steady_clock::time_point;

    void tried() { tokens_ = std::min(tokens_max, tokens_ + earned_by_a_try); }

    // Whether a retry may be made soon; else it waits as long as retries ever do.
    bool take(Time now) {
        const std::chrono::duration<double> passed = now - refilled_;
        refilled_ = now;
        tokens_ = std::min(tokens_max, tokens_ + passed.count() * free_each_second);
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

  private:
    static constexpr double earned_by_a_try = 0.2;
    static constexpr double free_each_second = 10;
    static constexpr double tokens_max = 500;

    double tokens_ = tokens_max;
    Time refilled_{};
};

}  // namespace skald::sagas
