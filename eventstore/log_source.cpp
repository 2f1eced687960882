#include "eventstore/log_source.h"

#include <algorithm>
#include <iterator>

namespace skald::eventstore {
namespace {

// From so many events on that are there to be read, the next are asked for in advance.
constexpr std::int64_t backlog = 2'000;

[[noreturn]] void went_back(Partition partition, Position after) {
    throw Unavailable("partition " + std::to_string(partition.value()) + " ends at " +
                      std::to_string(after.value()) +
                      ", but was seen beyond: the log went back in time");
}

}  // namespace

std::vector<Run> runs_of(std::vector<StoredEvent> events, std::span<const PartitionFrom> asked,
                         std::int64_t bytes_max) {
    std::vector<Run> runs;
    std::int64_t bytes = 0;
    auto begin = events.begin();
    for (const auto& [partition, after] : asked) {
        auto end = begin;
        for (; end != events.end() && end->partition == partition; ++end) bytes += bytes_of(*end);
        if (begin == end && bytes >= bytes_max) break;
        if (begin == end) went_back(partition, after);
        runs.push_back({partition, std::vector<StoredEvent>(std::make_move_iterator(begin),
                                                            std::make_move_iterator(end))});
        begin = end;
    }
    return runs;
}

LogSource::LogSource(std::unique_ptr<Log> log, HeadWatch& heads, ReadLimit per_partition,
                     std::int64_t bytes_max, const TailRing* ring)
    : log_(std::move(log)),
      heads_(heads),
      per_partition_(per_partition),
      bytes_max_(bytes_max),
      ring_(ring),
      life_(ring == nullptr ? 0 : ring->life()) {}

void LogSource::assign(Partition partition, const Cursor& at) {
    drop_ahead();
    cursors_[partition] = at.position;
}

void LogSource::unassign(Partition partition) {
    drop_ahead();
    cursors_.erase(partition);
}

std::vector<Run> LogSource::poll(std::chrono::milliseconds wait) {
    const auto seen = heads_.changes();
    auto runs = read_ready();
    if (!runs.empty()) return runs;
    heads_.wait(seen, wait);
    return read_ready();
}

std::vector<Run> LogSource::read_ready() {
    if (ahead_.valid()) {
        auto runs = answered(asked_ahead_, ahead_.get());
        if (!runs.empty()) {
            ask_ahead();
            return runs;
        }
    }
    std::vector<Run> runs;
    const auto question = in_turn(&runs);
    if (question.from.empty()) return runs;
    ++asked_log_;
    std::ranges::move(answered(question, ask(question)), std::back_inserter(runs));
    if (question.events >= backlog) ask_ahead();
    return runs;
}

// With `from_ring`, what the ring has is taken at once.
LogSource::Question LogSource::in_turn(std::vector<Run>* from_ring) {
    Question question{.bytes_max = bytes_max_};
    const auto heads = heads_.heads();
    auto next = cursors_.lower_bound(turn_);
    for (std::size_t i = 0;
         i < cursors_.size() && question.bytes_max > 0 && question.events < events_of_statement;
         ++i, ++next) {
        if (next == cursors_.end()) next = cursors_.begin();
        const auto [partition, position] = *next;
        turn_ = Partition(partition.value() + 1);
        const auto head = heads.at(static_cast<std::size_t>(partition.value()));
        if (head <= position) continue;
        if (ring_ != nullptr && from_ring != nullptr) {
            auto limit = per_partition_;
            limit.bytes_max = std::min(limit.bytes_max, question.bytes_max);
            auto events = ring_->after(life_, partition, position, limit);
            for (const auto& event : events) question.bytes_max -= bytes_of(event);
            if (!events.empty()) {
                from_ring->push_back({partition, std::move(events)});
                take(from_ring->back());
                continue;
            }
        }
        question.from.push_back({partition, position});
        question.events += std::min<std::int64_t>(head - position, per_partition_.events_max);
    }
    question.bytes_max = std::max<std::int64_t>(question.bytes_max, 1);
    return question;
}

std::vector<StoredEvent> LogSource::ask(const Question& question) {
    return log_->read_partitions(question.from, per_partition_, question.bytes_max);
}

std::vector<Run> LogSource::answered(const Question& question, std::vector<StoredEvent> events) {
    auto runs = runs_of(std::move(events), question.from, question.bytes_max);
    for (const auto& run : runs) take(run);
    const bool ours = ring_ != nullptr && std::ranges::all_of(runs, [this](const Run& run) {
                          return ring_->holds(run.partition, run.events.back().position);
                      });
    if (!ours) ++gave_others_;
    // The first that found no room.
    if (runs.size() < question.from.size()) turn_ = question.from[runs.size()].partition;
    return runs;
}

void LogSource::take(const Run& run) { cursors_.at(run.partition) = run.events.back().position; }

// It may be of another past than the one that a partition is opened with.
void LogSource::drop_ahead() {
    if (!ahead_.valid()) return;
    ahead_.wait();
    ahead_ = {};
}

// On another thread, which alone uses the log until its answer is taken.
void LogSource::ask_ahead() {
    asked_ahead_ = in_turn(nullptr);
    if (asked_ahead_.events < backlog) return;
    ++asked_log_;
    ahead_ = std::async(std::launch::async, [this] { return ask(asked_ahead_); });
}

}  // namespace skald::eventstore
