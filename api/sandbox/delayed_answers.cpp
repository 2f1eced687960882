#include "api/sandbox/delayed_answers.h"

#include <utility>

namespace skald::sandbox {

void DelayedAnswers::at(http::Clock::time_point time, http::Respond respond,
                        http::Response response) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopped_) {
            answers_.emplace(time, Answer{std::move(respond), std::move(response)});
            changed_.notify_one();
            return;
        }
    }
    give_up(respond);
}

void DelayedAnswers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
    for (const auto& [time, answer] : std::exchange(answers_, {})) give_up(answer.respond);
}

void DelayedAnswers::give_up(const http::Respond& respond) { respond({.status = 503}); }

void DelayedAnswers::work() {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
        if (answers_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto first = answers_.begin();
        if (http::Clock::now() < first->first) {
            changed_.wait_until(lock, first->first);
            continue;
        }
        auto answer = std::move(first->second);
        answers_.erase(first);
        lock.unlock();
        answer.respond(std::move(answer.response));
        lock.lock();
    }
}

}  // namespace skald::sandbox
