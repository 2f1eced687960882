#include "bench/program/arrivals.h"

#include <stdexcept>

namespace skald::bench {
namespace {

constexpr std::chrono::milliseconds fetch_wait{100};
constexpr std::chrono::milliseconds look_for_stop{50};
constexpr std::chrono::seconds arrival_max{20};

}  // namespace

Arrivals::Arrivals(const eventstore::KafkaSettings& kafka, std::int32_t partitions)
    : consumer_(kafka, fetch_wait) {
    for (std::int32_t i = 0; i < partitions; ++i) {
        const eventstore::Partition partition(i);
        consumer_.start(partition, consumer_.watermarks(partition).high);
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
}

void Arrivals::sent(const eventstore::StreamName& stream, eventstore::Version version) {
    note({stream.text(), version.value()}, false);
}

Histogram Arrivals::collect() {
    std::unique_lock lock(mutex_);
    if (!met_.wait_for(lock, arrival_max, [this] { return halves_.empty(); })) {
        throw std::runtime_error(std::to_string(halves_.size()) +
                                 " records did not come, or were never sent");
    }
    return std::exchange(times_, {});
}

void Arrivals::read(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto message = consumer_.next(look_for_stop);
        if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        const auto published = eventstore::event_of(*message);
        if (!published) continue;  // then it never arrives, and collect() says so
        note({published->event.stream.text(), published->event.version.value()}, true);
    }
}

void Arrivals::note(const Event& event, bool came) {
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    const auto [half, is_first] = halves_.try_emplace(event, Half{now, came});
    if (is_first || half->second.came == came) return;
    // A record may be read before its writer is told that it is committed.
    times_.record(came ? now - half->second.at : Clock::duration(0));
    halves_.erase(half);
    if (halves_.empty()) met_.notify_one();
}

}  // namespace skald::bench
