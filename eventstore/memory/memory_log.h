// The reference implementation of the log: the rules of eventstore/log.h in the shortest form that
// is still exact. A MemoryLog is a view on a MemoryStore, which several logs (threads,
// "connections") may share.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "eventstore/log.h"

namespace skald::eventstore {

struct MemoryStore {
    explicit MemoryStore(std::int32_t partition_count)
        : partitions(static_cast<std::size_t>(partition_count)) {}

    std::mutex mutex;
    StoreInfo info{.id = fresh_command_id().value()};
    std::vector<std::vector<StoredEvent>> partitions;     // [partition][position - 1]
    std::map<StreamName, std::vector<Position>> streams;  // [version - 1]
    std::map<std::string, Receipt> receipts;              // by the id's text
    std::map<StreamName, Snapshot> snapshots;
    std::int64_t now_us = 1'700'000'000'000'000;  // moves on by one with each append
};

class MemoryLog : public Log {
  public:
    explicit MemoryLog(std::shared_ptr<MemoryStore> store) : store_(std::move(store)) {}

    StoreInfo store() override;
    AppendResult append(std::span<const AppendCommand> batch) override;
    bool is_free(Partition) override { return true; }
    std::vector<StoredEvent> read(Partition partition, Position after,
                                  const ReadLimit& limit) override;
    std::vector<StoredEvent> read_partitions(std::span<const PartitionFrom> partitions,
                                             const ReadLimit& of_each,
                                             std::int64_t bytes_max) override;
    std::vector<StoredEvent> read_streams(std::span<const StreamFrom> streams,
                                          std::int32_t events_max,
                                          std::int64_t bytes_max = any_bytes) override;
    std::vector<Snapshot> snapshots(std::span<const SnapshotWanted> wanted) override;
    void keep(std::span<const Snapshot> snapshots) override;
    Heads heads() override;
    std::optional<Receipt> receipt(const CommandId& id) override;

  private:
    Partition partition_of_stream(const StreamName& stream) const;
    Position head_of(Partition partition) const;
    bool holds_last_event_of(const Snapshot& snapshot) const;
    Outcome append_one(const AppendCommand& command, std::set<StreamName>& unwritten);
    void store_events(const AppendCommand& command);

    std::shared_ptr<MemoryStore> store_;
};

}  // namespace skald::eventstore
