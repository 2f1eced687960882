// A bounded pool of threads for work that blocks: N threads, a queue with an end, no growth under
// load. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/http/message.h"

namespace skald::http {

class Workers {
  public:
    struct Job {
        std::function<void()> run;
        std::function<void()> expire;  // called in its place when it waited beyond its deadline
        Clock::time_point deadline;
        // Of what is only asked again and again: at most half of the threads are with such jobs.
        bool minor = false;
    };

    // `name` tells this pool's metrics from those of others.
    Workers(std::string name, std::size_t threads, std::size_t queue_max);
    ~Workers();  // stop()s
    Workers(const Workers&) = delete;

    // False when the queue is full or the pool has stopped: nothing will be called.
    bool submit(Job job);
    // The same at `when`; the queue's end is not asked, so what waits must be bounded otherwise.
    bool submit_at(Clock::time_point when, Job job);
    // Finishes what runs, expires what waits.
    void stop();
    // Jobs that a thread could begin with now.
    std::size_t waiting() const;

  private:
    void work();
    std::optional<std::size_t> next(Job& job);
    std::deque<Job>* ready();
    void wait(std::unique_lock<std::mutex>& lock);
    void call_one();

    // A thread that waits for a job.
    struct Idle {
        std::condition_variable called;
        bool is_called = false;
    };

    std::string name_;
    std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::vector<Idle*> idle_;  // who came last is called first: its memory is still at hand
    const std::size_t minor_max_;
    std::deque<Job> queue_;
    std::deque<Job> minor_;
    std::size_t minor_running_ = 0;
    bool minor_last_ = false;  // was taken, so that neither kind goes before the other
    std::multimap<Clock::time_point, Job> later_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace skald::http
