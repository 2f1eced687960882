// A running relay from a memory log to a real topic.
#pragma once

#include <map>
#include <mutex>

#include "eventstore/follower.h"
#include "eventstore/kafka/relay.h"
#include "eventstore/memory_leases.h"
#include "tests/support/log_writer.h"

namespace skald::tests {

// Progress that outlives the relays of a test. Thread-safe.
class MemoryProgress : public eventstore::RelayProgress {
  public:
    eventstore::Cursor noted(eventstore::Partition partition) override;
    void note(const std::map<eventstore::Partition, eventstore::Cursor>& at) override;
    void forget(eventstore::Partition partition) override;

  private:
    std::mutex mutex_;
    std::map<eventstore::Partition, eventstore::Cursor> noted_;
};

class RelayRig {
  public:
    struct Choices {
        bool republish = false;
        std::chrono::milliseconds ack_timeout{1000};
    };
    // Starts to publish. Each rig has leases of its own: two rigs are two relays that do not know
    // of each other.
    RelayRig(LogWriter& from, const eventstore::KafkaSettings& to, MemoryProgress& progress)
        : RelayRig(from, to, progress, Choices{}) {}
    RelayRig(LogWriter& from, const eventstore::KafkaSettings& to, MemoryProgress& progress,
             Choices choices);

    // Waits until everything in the log is acknowledged, and noted as such.
    bool caught_up(std::chrono::milliseconds patience = std::chrono::seconds(30)) const;
    // Waits until a partition is in this state, and tells its detail; empty if it never was.
    std::string detail_in(eventstore::FollowerState state) const;
    eventstore::Follower& follower() { return follower_; }

  private:
    LogWriter& from_;
    MemoryProgress& progress_;
    eventstore::Relay relay_;
    eventstore::MemoryLeaseTable table_;
    eventstore::MemoryLeases leases_;
    eventstore::Follower follower_;
};

}  // namespace skald::tests
