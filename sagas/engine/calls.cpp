#include "sagas/engine/calls.h"

namespace skald::sagas {

Calls::Calls(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this, first = i % 2, alone = threads == 1](
                                  const std::stop_token& stop) { work(stop, first, alone); });
}

Calls::~Calls() {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();
}

void Calls::run(std::size_t queue, std::function<void()> work) {
    std::lock_guard lock(mutex_);
    queues_[queue].push_back(std::move(work));
    wake_.notify_one();
}

void Calls::work(const std::stop_token& stop, std::size_t first, bool turns) {
    for (;;) {
        std::function<void()> call;
        {
            std::unique_lock lock(mutex_);
            const auto something = [this] { return !queues_[0].empty() || !queues_[1].empty(); };
            if (!wake_.wait(lock, stop, something)) return;
            if (stop.stop_requested()) return;
            auto& queue = queues_[queues_[first].empty() ? 1 - first : first];
            if (turns) first = 1 - first;
            call = std::move(queue.front());
            queue.pop_front();
        }
        call();
    }
}

}  // namespace skald::sagas
