#include "eventstore/append_lane.h"

#include "diagnostics/logger.h"

namespace skald::eventstore {

AppendLane::End AppendLane::append(std::span<const AppendCommand> batch) {
    {
        std::lock_guard lock(mutex_);
        given_up_ = false;
    }
    End end;
    for (;;) {
        attempt(batch, end);
        if (end.result || end.busy || !pause()) return end;
        end.first_attempt = false;
    }
}

void AppendLane::give_up() {
    std::lock_guard lock(mutex_);
    given_up_ = true;
    wake_.notify_one();
}

AppendResult AppendLane::send(std::span<const AppendCommand> batch) {
    if (!log_) {
        waits_();
        log_ = logs_();
        log_tells_ = log_->tell_before_waiting(waits_);
    }
    if (!log_tells_) waits_();
    return log_->append(batch);
}

void AppendLane::attempt(std::span<const AppendCommand> batch, End& end) {
    bool unknown = false;
    std::string why;
    end.sent = std::chrono::steady_clock::now();
    try {
        end.result = send(batch);
        metrics_.append_seconds.Observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - end.sent).count());
    } catch (const Busy& error) {
        // Whoever holds something unnamed is waited for here; partitions are the caller's matter.
        if (!error.partitions.empty()) end.busy = error;
        why = error.what();
    } catch (const NotSent& error) {
        why = error.what();
    } catch (const std::exception& error) {
        why = error.what();
        unknown = true;
    }
    const bool away = !end.result && !end.busy;
    if (away && (unknown ? !end.may_have_happened : !log_is_away_)) {
        diagnostics::log_error(unknown ? "the outcome of an append is unknown, sending it again"
                                       : "cannot reach the log, trying again",
                               {{"error", why}});
    }
    log_is_away_ = away;
    end.may_have_happened |= unknown;
}

// Before the next attempt. False when there is to be none.
bool AppendLane::pause() {
    waits_();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, retry_pause_, [this] { return given_up_; });
    return !given_up_;
}

}  // namespace skald::eventstore
