#include "sagas/engine/calls.h"

namespace skald::sagas {

Calls::Calls(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

Calls::~Calls() {
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();
}

void Calls::run(std::function<void()> call) {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(call));
    wake_.notify_one();
}

void Calls::work(const std::stop_token& stop) {
    for (;;) {
        std::function<void()> call;
        {
            std::unique_lock lock(mutex_);
            if (!wake_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
            if (stop.stop_requested()) return;
            call = std::move(queue_.front());
            queue_.pop_front();
        }
        call();
    }
}

}  // namespace skald::sagas
