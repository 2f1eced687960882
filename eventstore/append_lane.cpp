#include "eventstore/append_lane.h"

#include "diagnostics/logger.h"
#include "domain/kernel/invariant.h"

namespace skald::eventstore {

AppendLane::AppendLane(LogFactory logs, std::chrono::milliseconds retry_pause)
    : logs_(std::move(logs)),
      retry_pause_(retry_pause),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

AppendLane::~AppendLane() {
    thread_.request_stop();
    thread_.join();
}

void AppendLane::send(std::span<const AppendCommand> batch) {
    std::lock_guard lock(mutex_);
    INVARIANT(!batch_);
    batch_ = batch;
    end_ = {};
    given_up_ = false;
    wake_.notify_one();
}

std::optional<AppendLane::End> AppendLane::wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    if (!ended_.wait_for(lock, at_most, [this] { return !batch_; })) return std::nullopt;
    return std::move(end_);
}

void AppendLane::give_up() {
    std::lock_guard lock(mutex_);
    given_up_ = true;
    wake_.notify_one();
}

void AppendLane::run(const std::stop_token& stop) {
    for (;;) {
        std::span<const AppendCommand> batch;
        {
            std::unique_lock lock(mutex_);
            if (!wake_.wait(lock, stop, [this] { return batch_.has_value(); })) return;
            batch = *batch_;
        }
        do {
            attempt(batch);
        } while (!pause(stop));
        std::lock_guard lock(mutex_);
        batch_.reset();
        ended_.notify_one();
    }
}

void AppendLane::attempt(std::span<const AppendCommand> batch) {
    End now;
    bool unknown = false;
    std::string why;
    const auto start = std::chrono::steady_clock::now();
    try {
        if (!log_) log_ = logs_();
        now.result = log_->append(batch);
        metrics_.append_seconds.Observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    } catch (const Busy& error) {
        // Whoever holds something unnamed is waited for here; partitions are the caller's matter.
        if (!error.partitions.empty()) now.busy = error;
        why = error.what();
    } catch (const NotSent& error) {
        why = error.what();
    } catch (const std::exception& error) {
        why = error.what();
        unknown = true;
    }
    std::lock_guard lock(mutex_);
    const bool away = !now.result && !now.busy;
    if (away && (unknown ? !end_.may_have_happened : !log_is_away_)) {
        diagnostics::log_error(unknown ? "the outcome of an append is unknown, sending it again"
                                       : "cannot reach the log, trying again",
                               {{"error", why}});
    }
    log_is_away_ = away;
    end_.result = std::move(now.result);
    end_.busy = std::move(now.busy);
    end_.sent = start;
    end_.may_have_happened |= unknown;
}

// Before the next attempt. True when there is to be none.
bool AppendLane::pause(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (end_.result || end_.busy) return true;
    wake_.wait_for(lock, stop, retry_pause_, [this] { return given_up_; });
    if (given_up_ || stop.stop_requested()) return true;
    end_.first_attempt = false;
    return false;
}

}  // namespace skald::eventstore
