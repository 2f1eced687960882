#include "eventstore/head_watch.h"

#include "diagnostics/logger.h"

namespace skald::eventstore {

bool HeadWatch::raise(Partition partition, Position position) {
    auto& head = heads_[static_cast<std::size_t>(partition.value())];
    if (position <= head) return false;
    head = position;
    return true;
}

void HeadWatch::announce(const std::vector<std::pair<Partition, Position>>& heads) {
    std::lock_guard lock(mutex_);
    bool moved = false;
    for (const auto& [partition, position] : heads) moved |= raise(partition, position);
    if (!moved) return;
    ++changes_;
    moved_.notify_all();
}

void HeadWatch::announce(const Heads& heads) {
    std::vector<std::pair<Partition, Position>> pairs;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        pairs.emplace_back(Partition(static_cast<std::int32_t>(i)), heads[i]);
    }
    announce(pairs);
}

Heads HeadWatch::heads() const {
    std::lock_guard lock(mutex_);
    return heads_;
}

std::uint64_t HeadWatch::changes() const {
    std::lock_guard lock(mutex_);
    return changes_;
}

std::uint64_t HeadWatch::wait(std::uint64_t seen, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    moved_.wait_for(lock, timeout, [&] { return changes_ > seen; });
    --waiting_;
    return changes_;
}

bool HeadWatch::awaited() const {
    std::lock_guard lock(mutex_);
    return waiting_ > 0;
}

void HeadWatch::wake() {
    std::lock_guard lock(mutex_);
    ++changes_;
    moved_.notify_all();
}

HeadPoller::HeadPoller(HeadWatch& watch, std::function<Heads()> ask,
                       std::chrono::milliseconds period)
    : watch_(watch),
      ask_(std::move(ask)),
      period_(period),
      thread_([this](std::stop_token stop) { run(stop); }) {}

HeadPoller::~HeadPoller() {
    thread_.request_stop();
    thread_.join();
}

void HeadPoller::run(std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any pause;
    bool was_up = true;
    while (!stop.stop_requested()) {
        try {
            watch_.announce(ask_());
            was_up = true;
        } catch (const std::exception& error) {
            if (was_up)
                diagnostics::log_warning("cannot ask for the heads", {{"error", error.what()}});
            was_up = false;
        }
        std::unique_lock lock(mutex);
        pause.wait_for(lock, stop, period_, [] { return false; });
    }
}

}  // namespace skald::eventstore
