// How many requests of a kind there may be at once. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>

#include "diagnostics/metrics.h"

namespace skald::http {

class Places {
  public:
    Places(std::size_t max, prometheus::Gauge& gauge) : max_(max), gauge_(gauge) {}

    // False when all are taken.
    bool take() {
        if (++taken_ > max_) {
            --taken_;
            return false;
        }
        gauge_.Increment();
        return true;
    }
    void give_back() {
        --taken_;
        gauge_.Decrement();
    }

  private:
    const std::size_t max_;
    prometheus::Gauge& gauge_;
    std::atomic<std::size_t> taken_ = 0;
};

}  // namespace skald::http
