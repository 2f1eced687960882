// Host names to addresses, with a deadline. The system's look-up cannot be interrupted, so it runs
// on a thread of its own, one name after the other, and who waits may leave. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "domain/kernel/result.h"

namespace skald::sagas {

class NameLookup {
  public:
    using Addresses = Result<std::vector<std::string>, std::string>;

    NameLookup();
    // Waits for the look-up under way.
    ~NameLookup();
    NameLookup(const NameLookup&) = delete;

    // IPv4 and IPv6 addresses as texts, at least one, in the system's order; or why there are none.
    // An address is its own.
    Addresses find(const std::string& host, std::chrono::steady_clock::time_point deadline);

  private:
    struct Question {
        std::string host;
        std::chrono::steady_clock::time_point deadline;
        std::promise<Addresses> answer;
    };
    void work();

    std::mutex mutex_;
    std::condition_variable asked_;
    std::deque<std::shared_ptr<Question>> questions_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace skald::sagas
