// The threads that call the world, so that nobody else waits for it: a bulkhead of a fixed size.
// Calls, whose attempts have begun, and questions have a queue each; half of the threads look into
// one first, half into the other, so that neither has to wait for all of the other's. Thread-safe.
#pragma once

#include <array>
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

    void call(std::function<void()> work) { run(0, std::move(work)); }
    void ask(std::function<void()> work) { run(1, std::move(work)); }

  private:
    using Queue = std::deque<std::function<void()>>;
    void run(std::size_t queue, std::function<void()> work);
    // Looks into that queue first; `turns`: into the other one the next time.
    void work(const std::stop_token& stop, std::size_t first, bool turns);

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::array<Queue, 2> queues_;
    std::vector<std::jthread> threads_;
};

}  // namespace skald::sagas
