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

bool Workers::submit_at(Clock::time_point when, Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return false;
        later_.emplace(when, std::move(job));
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
        for (auto& [when, job] : later_) left.push_back(std::move(job));
        later_.clear();
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

// Waits for a job; false when there will be none.
bool Workers::next(Job& job) {
    std::unique_lock lock(mutex_);
    while (true) {
        while (!later_.empty() && later_.begin()->first <= Clock::now()) {
            queue_.push_back(std::move(later_.begin()->second));
            later_.erase(later_.begin());
        }
        if (!queue_.empty()) break;
        if (stopped_) return false;
        if (later_.empty()) {
            arrived_.wait(lock);
        } else {
            const auto when = later_.begin()->first;
            arrived_.wait_until(lock, when);
        }
    }
    job = std::move(queue_.front());
    queue_.pop_front();
    return true;
}

void Workers::work() {
    auto& queued = diagnostics::gauge("skald_http_workers_waiting",
                                      "Requests waiting for a worker thread", {{"pool", name_}});
    auto& busy =
        diagnostics::gauge("skald_http_workers_busy", "Worker threads at work", {{"pool", name_}});
    Job job;
    while (next(job)) {
        queued.Set(static_cast<double>(waiting()));
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
