// Sends one batch at a time to the log, on a connection of its own, again and again until the log
// answers. All but give_up() is of one thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>

#include "eventstore/executor_metrics.h"
#include "eventstore/log.h"

namespace skald::eventstore {

class AppendLane {
  public:
    // `waits` is called during each append(), once at least, before anything is waited for.
    AppendLane(LogFactory logs, std::chrono::milliseconds retry_pause, std::function<void()> waits)
        : logs_(std::move(logs)), retry_pause_(retry_pause), waits_(std::move(waits)) {}

    // What became of a batch: its result; or the partitions that others hold, and then nothing of
    // it happened in the last attempt; or neither, when it was given up.
    struct End {
        std::optional<AppendResult> result;
        std::optional<Busy> busy;
        bool may_have_happened = false;  // by an attempt whose answer was lost
        bool first_attempt = true;
        std::chrono::steady_clock::time_point sent{};  // when the last attempt began
    };

    End append(std::span<const AppendCommand> batch);
    // No more attempts of the batch under way, whose end append() still has to tell. Any thread.
    void give_up();

  private:
    void attempt(std::span<const AppendCommand> batch, End& end);
    AppendResult send(std::span<const AppendCommand> batch);
    bool pause();

    const LogFactory logs_;
    const std::chrono::milliseconds retry_pause_;
    const std::function<void()> waits_;
    ExecutorMetrics metrics_;
    std::unique_ptr<Log> log_;
    bool log_tells_ = false;    // before it waits
    bool log_is_away_ = false;  // as the last attempt found it

    std::mutex mutex_;
    std::condition_variable wake_;
    bool given_up_ = false;
};

}  // namespace skald::eventstore
