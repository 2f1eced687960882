// Answers that are given later. One thread gives them all. Thread-safe.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "api/http/message.h"

namespace skald::sandbox {

class DelayedAnswers {
  public:
    DelayedAnswers() : thread_([this] { work(); }) {}
    ~DelayedAnswers() { stop(); }
    DelayedAnswers(const DelayedAnswers&) = delete;

    void at(http::Clock::time_point time, http::Respond respond, http::Response response);
    // Answers 503 to all that still wait, and to all that come later.
    void stop();

  private:
    struct Answer {
        http::Respond respond;
        http::Response response;
    };
    void work();
    static void give_up(const http::Respond& respond);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<http::Clock::time_point, Answer> answers_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace skald::sandbox
