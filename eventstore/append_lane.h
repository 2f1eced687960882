// Sends one batch at a time to the log, on a thread and a connection of its own, again and again
// until the log answers: so whoever waits for the answer stays free to hear the clock. All calls
// come from one thread, the decider's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "eventstore/executor_metrics.h"
#include "eventstore/log.h"

namespace skald::eventstore {

class AppendLane {
  public:
    AppendLane(LogFactory logs, std::chrono::milliseconds retry_pause);
    // Waits for the attempt under way: as long as the log takes to answer or to time out.
    ~AppendLane();

    // What became of a batch: its result; or the partitions that others hold, and then nothing of
    // it happened in the last attempt; or neither, when it was given up.
    struct End {
        std::optional<AppendResult> result;
        std::optional<Busy> busy;
        bool may_have_happened = false;  // by an attempt whose answer was lost
        bool first_attempt = true;
        std::chrono::steady_clock::time_point sent{};  // when the last attempt began
    };

    // The batch must stay as it is until its end is heard of.
    void send(std::span<const AppendCommand> batch);
    // The end of the batch sent, once there is one. Nothing when it did not come in that time.
    std::optional<End> wait(std::chrono::milliseconds at_most);
    // No more attempts of the batch under way. Its end still has to be waited for.
    void give_up();

  private:
    void run(const std::stop_token& stop);
    void attempt(std::span<const AppendCommand> batch);
    bool pause(const std::stop_token& stop);

    const LogFactory logs_;
    const std::chrono::milliseconds retry_pause_;
    ExecutorMetrics metrics_;
    std::unique_ptr<Log> log_;  // of the lane's thread alone

    std::mutex mutex_;
    std::condition_variable_any wake_;  // the lane
    std::condition_variable ended_;     // the caller
    std::optional<std::span<const AppendCommand>> batch_;
    End end_;
    bool given_up_ = false;
    bool log_is_away_ = false;  // as the last attempt found it
    std::jthread thread_;
};

}  // namespace skald::eventstore
