#include "eventstore/held_back.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::eventstore {

HeldBack::HeldBack(LogFactory logs, std::chrono::milliseconds pause, std::function<void()> freed)
    : logs_(std::move(logs)),
      pause_(pause),
      freed_(std::move(freed)),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

HeldBack::~HeldBack() {
    thread_.request_stop();
    thread_.join();
}

void HeldBack::hold(const Busy& busy) {
    partitions_ = busy.of;
    std::lock_guard lock(mutex_);
    for (const auto partition : busy.partitions) {
        held_.insert(partition);
        if (!watched_.insert(partition).second) continue;
        diagnostics::log_warning(
            "somebody keeps a partition locked; its commands wait, the others go on",
            {{"partition", partition.value()}});
    }
    wake_.notify_one();
}

bool HeldBack::concerns(const Command& command) const {
    if (held_.empty()) return false;
    return std::ranges::any_of(command.streams, [this](const auto& stream) {
        return held_.contains(partition_of(stream.partition_key(), partitions_));
    });
}

void HeldBack::add(Pending pending) {
    auto place = waiting_.end();
    while (place != waiting_.begin() && std::prev(place)->arrival > pending.arrival) --place;
    waiting_.insert(place, std::move(pending));
}

std::deque<Pending> HeldBack::take_freed() {
    if (!any_freed_.exchange(false)) return {};
    std::lock_guard lock(mutex_);
    held_ = watched_;
    return std::exchange(waiting_, {});
}

void HeldBack::watch(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return !watched_.empty(); })) {
        // By turns, so that one that stays locked does not hide that another is free.
        for (const auto partition : std::set(watched_)) {
            lock.unlock();
            const bool free = is_free(partition);
            lock.lock();
            if (stop.stop_requested()) return;
            if (!free) continue;
            diagnostics::log_info("the partition can be had again",
                                  {{"partition", partition.value()}});
            watched_.erase(partition);
            any_freed_ = true;
            lock.unlock();
            freed_();
            lock.lock();
        }
        if (watched_.empty()) {
            log_.reset();
        } else {
            wake_.wait_for(lock, stop, pause_, [] { return false; });
        }
    }
}

// What cannot be asked is for the next append to find out.
bool HeldBack::is_free(Partition partition) {
    try {
        if (!log_) log_ = logs_();
        return log_->is_free(partition);
    } catch (const std::exception&) {
        log_.reset();
        return true;
    }
}

}  // namespace skald::eventstore
