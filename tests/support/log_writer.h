// Events for a memory log, into partitions of a test's choosing, announced as an executor would.
#pragma once

#include <map>
#include <memory>

#include "eventstore/head_watch.h"
#include "eventstore/memory/memory_log.h"

namespace skald::tests {

class LogWriter {
  public:
    explicit LogWriter(std::int32_t partitions);

    // Appends `count` events with `bytes` of data each.
    void grow(eventstore::Partition partition, int count, std::size_t bytes = 20);
    void grow_all(int count, std::size_t bytes = 20);

    std::unique_ptr<eventstore::Log> log() const {
        return std::make_unique<eventstore::MemoryLog>(store);
    }
    eventstore::LogFactory logs() const {
        return [s = store] { return std::make_unique<eventstore::MemoryLog>(s); };
    }
    const eventstore::StoredEvent& event(eventstore::Partition partition, std::int64_t at) const {
        return store->partitions.at(std::size_t(partition.value())).at(std::size_t(at - 1));
    }

    std::shared_ptr<eventstore::MemoryStore> store;
    eventstore::HeadWatch heads;

  private:
    const eventstore::StreamName& stream_of(eventstore::Partition partition);

    std::map<eventstore::Partition, eventstore::StreamName> streams_;
    std::map<eventstore::Partition, eventstore::Version> versions_;
};

}  // namespace skald::tests
