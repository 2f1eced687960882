// Waiting for what another thread or process brings about.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace skald::tests {

// Asks until it is so; false if it never was in all that time.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        // sleep: between two looks at what has no condition variable
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace skald::tests
