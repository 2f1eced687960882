#include "api/http/workers.h"

#include <algorithm>

#include "diagnostics/metrics.h"

namespace skald::http {

Workers::Workers(std::string name, std::size_t threads, std::size_t queue_max)
    : name_(std::move(name)),
      queue_max_(queue_max),
      minor_max_(std::max<std::size_t>(1, threads / 2)) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() { stop(); }

bool Workers::submit(Job job) {
    const std::lock_guard lock(mutex_);
    if (stopped_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(job));
    call_one();
    return true;
}

bool Workers::submit_at(Clock::time_point when, Job job) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    later_.emplace(when, std::move(job));
    call_one();
    return true;
}

void Workers::stop() {
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        left.swap(queue_);
        for (auto& job : minor_) left.push_back(std::move(job));
        minor_.clear();
        for (auto& [when, job] : later_) left.push_back(std::move(job));
        later_.clear();
        while (!idle_.empty()) call_one();
    }
    for (auto& job : left) job.expire();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t Workers::waiting() const {
    const std::lock_guard lock(mutex_);
    const auto due = later_.upper_bound(Clock::now());
    return queue_.size() + minor_.size() +
           static_cast<std::size_t>(std::distance(later_.begin(), due));
}

// Where the next job is taken from; nullptr while there is none. mutex_ is held.
std::deque<Workers::Job>* Workers::ready() {
    const bool minor = !minor_.empty() && minor_running_ < minor_max_;
    if (minor && (queue_.empty() || !minor_last_)) return &minor_;
    return queue_.empty() ? nullptr : &queue_;
}

// Until somebody calls, or the first of what is to be done later is due.
void Workers::wait(std::unique_lock<std::mutex>& lock) {
    Idle self;
    idle_.push_back(&self);
    const auto called = [&self] { return self.is_called; };
    if (later_.empty()) {
        self.called.wait(lock, called);
    } else {
        const auto when = later_.begin()->first;
        self.called.wait_until(lock, when, called);
    }
    if (!self.is_called) std::erase(idle_, &self);
}

// mutex_ is held.
void Workers::call_one() {
    if (idle_.empty()) return;
    idle_.back()->is_called = true;
    idle_.back()->called.notify_one();
    idle_.pop_back();
}

// Waits for a job behind the one that was done, and tells how many wait behind it; nothing when
// there will be none.
std::optional<std::size_t> Workers::next(Job& job) {
    std::unique_lock lock(mutex_);
    if (job.minor) --minor_running_;
    std::deque<Job>* from = nullptr;
    while (true) {
        while (!later_.empty() && later_.begin()->first <= Clock::now()) {
            auto& due = later_.begin()->second;
            (due.minor ? minor_ : queue_).push_back(std::move(due));
            later_.erase(later_.begin());
        }
        from = ready();
        if (from != nullptr) break;
        if (stopped_) return std::nullopt;
        wait(lock);
    }
    job = std::move(from->front());
    from->pop_front();
    minor_last_ = job.minor;
    if (job.minor) ++minor_running_;
    // Who waits for one kind may find the other, and somebody has to wait for what is due later.
    if (ready() != nullptr || !later_.empty()) call_one();
    return queue_.size() + minor_.size();
}

void Workers::work() {
    auto& queued = diagnostics::gauge("skald_http_workers_waiting",
                                      "Requests waiting for a worker thread", {{"pool", name_}});
    auto& busy =
        diagnostics::gauge("skald_http_workers_busy", "Worker threads at work", {{"pool", name_}});
    Job job;
    while (const auto left = next(job)) {
        queued.Set(static_cast<double>(*left));
        busy.Increment();
        if (Clock::now() >= job.deadline) {
            job.expire();
        } else {
            job.run();
        }
        job.run = {};
        job.expire = {};
        busy.Decrement();
    }
}

}  // namespace skald::http
