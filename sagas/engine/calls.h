// The threads that call the world, so that nobody else waits for it: a bulkhead of a fixed size.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace skald::sagas {

class Calls {
  public:
    explicit Calls(std::size_t threads);
    // Waits for the calls under way; what has not begun is dropped.
    ~Calls();
    Calls(const Calls&) = delete;

    void run(std::function<void()> call);

  private:
    void work(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<std::function<void()>> queue_;
    std::vector<std::jthread> threads_;
};

}  // namespace skald::sagas
