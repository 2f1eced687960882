#include "eventstore/memory/memory_log.h"

#include <algorithm>

#include "domain/kernel/invariant.h"

namespace skald::eventstore {
namespace {

// What PostgreSQL refuses too: text with a NUL or an event above the limit.
std::optional<std::string> refused_data(const AppendCommand& command) {
    for (const auto& use : command.uses) {
        for (const auto& event : use.events) {
            if (event.type.find('\0') != std::string::npos) return "an event type holds a NUL";
            if (event.meta.size() + event.data.size() > event_bytes_max)
                return "an event is larger than 256 KiB";
        }
    }
    return std::nullopt;
}

}  // namespace

StoreInfo MemoryLog::store() {
    std::lock_guard lock(store_->mutex);
    auto info = store_->info;
    info.partitions = static_cast<std::int32_t>(store_->partitions.size());
    return info;
}

Partition MemoryLog::partition_of_stream(const StreamName& stream) const {
    return partition_of(stream.partition_key(),
                        static_cast<std::int32_t>(store_->partitions.size()));
}

Position MemoryLog::head_of(Partition partition) const {
    const auto& events = store_->partitions[static_cast<std::size_t>(partition.value())];
    return Position(static_cast<std::int64_t>(events.size()));
}

AppendResult MemoryLog::append(std::span<const AppendCommand> batch) {
    std::lock_guard lock(store_->mutex);
    ++store_->now_us;
    AppendResult result;
    std::set<StreamName> unwritten;
    std::map<Partition, Position> before;
    for (const auto& command : batch) {
        for (const auto& use : command.uses) {
            const auto partition = partition_of_stream(use.stream);
            before.try_emplace(partition, head_of(partition));
        }
        result.outcomes.push_back(append_one(command, unwritten));
    }
    AppendPart part{.commands = batch.size(), .recorded_at = RecordedAt(store_->now_us)};
    for (const auto& [partition, head] : before) {
        part.heads.emplace_back(partition, head_of(partition));
        part.heads_before.push_back(head);
    }
    result.heads = part.heads;
    result.parts.push_back(std::move(part));
    result.partitions = static_cast<std::int32_t>(store_->partitions.size());
    return result;
}

Outcome MemoryLog::append_one(const AppendCommand& command, std::set<StreamName>& unwritten) {
    INVARIANT(command.leaves_receipt ||
              (command.verdict != Verdict::appended && command.verdict != Verdict::cancelled));
    Outcome outcome{.receipt = receipt_of(command)};
    const auto earlier = store_->receipts.find(to_text(command.id.value()));
    if (earlier != store_->receipts.end()) {
        outcome = {.kind = OutcomeKind::duplicate, .receipt = earlier->second};
    } else if (const auto refused = refused_data(command)) {
        outcome.kind = OutcomeKind::invalid;
        outcome.reason = *refused;
    } else {
        for (const auto& use : command.uses) {
            if (unwritten.contains(use.stream)) {
                outcome.kind = OutcomeKind::behind;
                break;
            }
            const auto head = static_cast<std::int64_t>(store_->streams[use.stream].size());
            if (head != use.expected.value()) outcome.kind = OutcomeKind::conflict;
        }
    }
    if (outcome.kind == OutcomeKind::accepted) {
        store_events(command);
        if (command.leaves_receipt)
            store_->receipts.emplace(to_text(command.id.value()), outcome.receipt);
    } else {
        for (const auto& use : command.uses) {
            if (!use.events.empty()) unwritten.insert(use.stream);
        }
    }
    return outcome;
}

void MemoryLog::store_events(const AppendCommand& command) {
    std::int32_t seq = 0;
    for (const auto& use : command.uses) {
        const auto partition = partition_of_stream(use.stream);
        auto& events = store_->partitions[static_cast<std::size_t>(partition.value())];
        auto& versions = store_->streams[use.stream];
        for (const auto& event : use.events) {
            ++seq;
            versions.push_back(Position(static_cast<std::int64_t>(events.size() + 1)));
            events.push_back(
                StoredEvent{.partition = partition,
                            .position = versions.back(),
                            .stream = use.stream,
                            .version = Version(static_cast<std::int64_t>(versions.size())),
                            .type = event.type,
                            .schema_version = event.schema_version,
                            .id = event_id(command.id, seq),
                            .command = command.id,
                            .command_seq = seq,
                            .recorded_at = RecordedAt(store_->now_us),
                            .meta = event.meta,
                            .data = event.data});
        }
    }
}

std::vector<StoredEvent> MemoryLog::read(Partition partition, Position after,
                                         const ReadLimit& limit) {
    std::lock_guard lock(store_->mutex);
    const auto& events = store_->partitions[static_cast<std::size_t>(partition.value())];
    std::vector<StoredEvent> found;
    std::int64_t bytes = 0;
    for (auto i = static_cast<std::size_t>(after.value()); i < events.size(); ++i) {
        if (found.size() >= static_cast<std::size_t>(limit.events_max) || bytes >= limit.bytes_max)
            break;
        bytes += bytes_of(events[i]);
        found.push_back(events[i]);
    }
    return found;
}

std::vector<StoredEvent> MemoryLog::read_partitions(std::span<const PartitionFrom> partitions,
                                                    const ReadLimit& of_each,
                                                    std::int64_t bytes_max) {
    std::vector<StoredEvent> found;
    std::int64_t bytes = 0;
    for (const auto& from : partitions) {
        for (auto& event : read(from.partition, from.after, of_each)) {
            if (bytes >= bytes_max) return found;
            bytes += bytes_of(event);
            found.push_back(std::move(event));
        }
    }
    return found;
}

std::vector<StoredEvent> MemoryLog::read_streams(std::span<const StreamFrom> streams,
                                                 std::int32_t events_max, std::int64_t bytes_max) {
    std::lock_guard lock(store_->mutex);
    std::vector<StoredEvent> found;
    std::int64_t bytes = 0;
    for (const auto& from : streams) {
        const auto& events =
            store_->partitions[static_cast<std::size_t>(partition_of_stream(from.stream).value())];
        const auto& versions = store_->streams[from.stream];
        for (auto i = static_cast<std::size_t>(from.after.value()); i < versions.size(); ++i) {
            if (found.size() >= static_cast<std::size_t>(events_max) || bytes >= bytes_max)
                return found;
            found.push_back(events[static_cast<std::size_t>(versions[i].value() - 1)]);
            bytes += bytes_of(found.back());
        }
    }
    return found;
}

bool MemoryLog::holds_last_event_of(const Snapshot& snapshot) const {
    const auto versions = store_->streams.find(snapshot.stream);
    if (versions == store_->streams.end()) return false;
    const auto number = static_cast<std::size_t>(snapshot.version.value());
    if (number == 0 || number > versions->second.size()) return false;
    const auto partition = static_cast<std::size_t>(partition_of_stream(snapshot.stream).value());
    const auto position = static_cast<std::size_t>(versions->second[number - 1].value());
    return mark_of(store_->partitions[partition][position - 1]) == snapshot.last;
}

std::vector<Snapshot> MemoryLog::snapshots(std::span<const SnapshotWanted> wanted) {
    std::lock_guard lock(store_->mutex);
    std::vector<Snapshot> found;
    for (const auto& [stream, revision] : wanted) {
        const auto kept = store_->snapshots.find(stream);
        if (kept == store_->snapshots.end() || kept->second.revision != revision) continue;
        if (holds_last_event_of(kept->second)) found.push_back(kept->second);
    }
    return found;
}

void MemoryLog::keep(std::span<const Snapshot> snapshots) {
    std::lock_guard lock(store_->mutex);
    for (const auto& snapshot : snapshots) {
        if (!holds_last_event_of(snapshot)) continue;
        auto& kept = store_->snapshots[snapshot.stream];
        if (kept.revision != snapshot.revision || kept.version <= snapshot.version ||
            !holds_last_event_of(kept))
            kept = snapshot;
    }
}

Heads MemoryLog::heads() {
    std::lock_guard lock(store_->mutex);
    Heads heads;
    for (const auto& events : store_->partitions)
        heads.push_back(Position(static_cast<std::int64_t>(events.size())));
    return heads;
}

std::optional<Receipt> MemoryLog::receipt(const CommandId& id) {
    std::lock_guard lock(store_->mutex);
    const auto found = store_->receipts.find(to_text(id.value()));
    if (found == store_->receipts.end()) return std::nullopt;
    return found->second;
}

}  // namespace skald::eventstore
