#include "api/http/workers.h"

#include "diagnostics/metrics.h"

namespace skald::http {

Workers::Workers(std::string name, std::size_t threads, std::size_t queue_max)
    : name_(std::move(name)), queue_max_(queue_max) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() { stop(); }

bool Workers::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_ || queue_.size() >= queue_max_) return false;
        queue_.push_back(std::move(job));
    }
    arrived_.notify_one();
    return true;
}

void Workers::stop() {
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        left.swap(queue_);
    }
    arrived_.notify_all();
    for (auto& job : left) job.expire();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t Workers::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

void Workers::work() {
    auto& queued = diagnostics::gauge("skald_http_workers_waiting",
                                      "Requests waiting for a worker thread", {{"pool", name_}});
    auto& busy =
        diagnostics::gauge("skald_http_workers_busy", "Worker threads at work", {{"pool", name_}});
    while (true) {
        Job job;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [&] { return stopped_ || !queue_.empty(); });
            if (queue_.empty()) return;
            job = std::move(queue_.front());
            queue_.pop_front();
            queued.Set(static_cast<double>(queue_.size()));
        }
        busy.Increment();
        if (Clock::now() >= job.deadline) {
            job.expire();
        } else {
            job.run();
        }
        job = {};
        busy.Decrement();
    }
}

}  // namespace skald::http
