#include "eventstore/log_source.h"

#include <algorithm>

namespace skald::eventstore {

std::vector<StoredEvent> read_announced(Log& log, Partition partition, Position after,
                                        Position head, const ReadLimit& limit) {
    auto events = log.read(partition, after, limit);
    if (events.empty() && after < head) {
        throw Unavailable("partition " + std::to_string(partition.value()) + " ends at " +
                          std::to_string(after.value()) + ", but was seen at " +
                          std::to_string(head.value()) + ": the log went back in time");
    }
    return events;
}

LogSource::LogSource(std::unique_ptr<Log> log, HeadWatch& heads, ReadLimit per_partition,
                     std::int64_t bytes_max)
    : log_(std::move(log)), heads_(heads), per_partition_(per_partition), bytes_max_(bytes_max) {}

void LogSource::assign(Partition partition, const Cursor& at) { cursors_[partition] = at.position; }

void LogSource::unassign(Partition partition) { cursors_.erase(partition); }

std::vector<Run> LogSource::poll(std::chrono::milliseconds wait) {
    const auto seen = heads_.changes();
    auto runs = read_ready();
    if (!runs.empty()) return runs;
    heads_.wait(seen, wait);
    return read_ready();
}

std::vector<Run> LogSource::read_ready() {
    std::vector<Run> runs;
    const auto heads = heads_.heads();
    auto bytes_left = bytes_max_;
    auto next = cursors_.lower_bound(turn_);
    for (std::size_t i = 0; i < cursors_.size() && bytes_left > 0; ++i, ++next) {
        if (next == cursors_.end()) next = cursors_.begin();
        auto& [partition, position] = *next;
        turn_ = Partition(partition.value() + 1);
        const auto head = heads.at(static_cast<std::size_t>(partition.value()));
        if (head <= position) continue;
        auto limit = per_partition_;
        limit.bytes_max = std::min(limit.bytes_max, bytes_left);
        Run run{partition, read_announced(*log_, partition, position, head, limit)};
        for (const auto& event : run.events) bytes_left -= bytes_of(event);
        position = run.events.back().position;
        runs.push_back(std::move(run));
    }
    return runs;
}

}  // namespace skald::eventstore
