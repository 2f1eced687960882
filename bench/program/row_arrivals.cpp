#include "bench/program/row_arrivals.h"

#include <stdexcept>

namespace skald::bench {
namespace {

constexpr std::chrono::milliseconds look_for_stop{50};
constexpr std::chrono::seconds row_arrival_max{20};

}  // namespace

RowArrivals::RowArrivals(eventstore::HeadWatch& committed)
    : committed_(committed), thread_([this](const std::stop_token& stop) { watch(stop); }) {}

void RowArrivals::answered(const eventstore::Answer& answer) {
    const auto now = Clock::now();
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [partition, position] : answer.heads)
            waiting_[partition].push_back({position, now});
    }
    note(committed_.heads());  // it may be there already
}

Histogram RowArrivals::collect() {
    std::unique_lock lock(mutex_);
    if (!met_.wait_for(lock, row_arrival_max, [this] { return waiting_.empty(); }))
        throw std::runtime_error("the read model does not come to what was answered");
    return std::exchange(times_, {});
}

void RowArrivals::watch(const std::stop_token& stop) {
    auto seen = committed_.changes();
    while (!stop.stop_requested()) {
        note(committed_.heads());
        seen = committed_.wait(seen, look_for_stop);
    }
}

void RowArrivals::note(const eventstore::Heads& heads) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end();) {
        auto& [partition, waiting] = *it;
        const auto head = heads.at(static_cast<std::size_t>(partition.value()));
        for (; !waiting.empty() && waiting.front().position <= head; waiting.pop_front())
            times_.record(now - waiting.front().since);
        it = waiting.empty() ? waiting_.erase(it) : std::next(it);
    }
    if (waiting_.empty()) met_.notify_all();
}

}  // namespace skald::bench
