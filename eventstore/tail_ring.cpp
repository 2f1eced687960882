#include "eventstore/tail_ring.h"

#include "domain/kernel/invariant.h"

namespace skald::eventstore {

std::map<Partition, std::vector<StoredEvent>> left_by(const Commit& commit,
                                                      std::int32_t partitions) {
    std::map<Partition, std::vector<StoredEvent>> all;
    std::size_t next = 0;
    for (const auto& part : commit.result.parts) {
        std::map<Partition, std::vector<StoredEvent>> of_part;
        for (const auto end = next + part.commands; next < end; ++next) {
            if (commit.result.outcomes[next].kind != OutcomeKind::accepted) continue;
            const auto& command = commit.commands[next];
            std::int32_t seq = 0;
            for (const auto& use : command.uses) {
                if (use.events.empty()) continue;
                const auto partition = partition_of(use.stream.partition_key(), partitions);
                auto& events = of_part[partition];
                auto version = use.expected;
                for (const auto& event : use.events) {
                    ++seq;
                    events.push_back(StoredEvent{.partition = partition,
                                                 .position = {},
                                                 .stream = use.stream,
                                                 .version = ++version,
                                                 .type = event.type,
                                                 .schema_version = event.schema_version,
                                                 .id = event_id(command.id, seq),
                                                 .command = command.id,
                                                 .command_seq = seq,
                                                 .recorded_at = part.recorded_at,
                                                 .meta = event.meta,
                                                 .data = event.data});
                }
            }
        }
        for (const auto& [partition, head] : part.heads) {
            const auto found = of_part.find(partition);
            if (found == of_part.end()) continue;
            auto position = head - static_cast<std::int64_t>(found->second.size());
            auto& events = all[partition];
            for (auto& event : found->second) {
                event.position = ++position;
                events.push_back(std::move(event));
            }
            of_part.erase(found);
        }
        INVARIANT(of_part.empty());
    }
    return all;
}

TailRing::TailRing(std::int32_t partitions, std::size_t bytes_max)
    : partitions_(partitions), bytes_max_(bytes_max), runs_(static_cast<std::size_t>(partitions)) {}

void TailRing::add(const Commit& commit) {
    auto left = left_by(commit, partitions_);
    std::lock_guard lock(mutex_);
    if (commit.sent <= forgotten_at_) return;
    for (auto& [partition, events] : left) {
        // Parts of a batch need not follow each other: others may have committed between.
        for (auto from = events.begin(); from != events.end();) {
            auto to = from + 1;
            std::size_t bytes = memory_of(*from);
            for (; to != events.end() && to->position == (to - 1)->position + 1; ++to)
                bytes += memory_of(*to);
            const auto first = from->position;
            runs_[static_cast<std::size_t>(partition.value())][first] =
                std::make_shared<const std::vector<StoredEvent>>(std::make_move_iterator(from),
                                                                 std::make_move_iterator(to));
            ages_.push_back({partition, first, bytes});
            bytes_ += bytes;
            from = to;
        }
    }
    evict();
}

void TailRing::evict() {
    while (bytes_ > bytes_max_) {
        const auto& oldest = ages_.front();
        runs_[static_cast<std::size_t>(oldest.partition.value())].erase(oldest.first);
        bytes_ -= oldest.bytes;
        ages_.pop_front();
    }
}

void TailRing::forget() {
    std::lock_guard lock(mutex_);
    for (auto& runs : runs_) runs.clear();
    ages_.clear();
    bytes_ = 0;
    ++life_;
    forgotten_at_ = Clock::now();
}

TailRing::Life TailRing::life() const {
    std::lock_guard lock(mutex_);
    return life_;
}

const TailRing::Runs& TailRing::runs_of(Partition partition) const {
    return runs_.at(static_cast<std::size_t>(partition.value()));
}

TailRing::Runs::const_iterator TailRing::run_with(const Runs& runs, Position position) {
    auto next = runs.upper_bound(position);
    if (next == runs.begin()) return runs.end();
    --next;
    return position <= next->second->back().position ? next : runs.end();
}

std::vector<StoredEvent> TailRing::after(Life life, Partition partition, Position position,
                                         const ReadLimit& limit) const {
    const auto first = position + 1;
    std::vector<Events> held;
    {
        std::lock_guard lock(mutex_);
        if (life != life_)
            throw Unavailable("the log was away: where it stands has to be looked at again");
        const auto& runs = runs_of(partition);
        auto run = run_with(runs, first);
        if (run == runs.end()) return {};
        for (auto next = first; run != runs.end() && run->first <= next; ++run) {
            held.push_back(run->second);
            next = run->second->back().position + 1;
            if (next - first >= limit.events_max) break;
        }
    }
    std::vector<StoredEvent> events;
    std::int64_t bytes = 0;
    for (const auto& run : held) {
        for (const auto& event : *run) {
            if (event.position < first) continue;
            if (events.size() >= static_cast<std::size_t>(limit.events_max) ||
                bytes >= limit.bytes_max)
                return events;
            bytes += bytes_of(event);
            events.push_back(event);
        }
    }
    return events;
}

bool TailRing::holds(Partition partition, Position position) const {
    std::lock_guard lock(mutex_);
    const auto& runs = runs_of(partition);
    return run_with(runs, position) != runs.end();
}

}  // namespace skald::eventstore
