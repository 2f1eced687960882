// How the projections stand, for operators: cursors, lag, versions, parked keys. Used by one thread
// with one connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/engine/registry.h"

namespace skald::projections {

struct PartitionStatus {
    eventstore::Partition partition;
    eventstore::Position position;
    eventstore::Position head;  // of the log
    std::int64_t moved_at = 0;  // microseconds since the Unix epoch
    std::int64_t parked_keys = 0;
};

struct ProjectionStatus {
    std::string name;
    std::int32_t live_version = 0;
    std::int32_t definition = 0;  // that filled the live version
    std::vector<PartitionStatus> partitions;
    std::vector<VersionRow> versions;

    std::int64_t lag() const;  // events, over all partitions
    std::int64_t parked_keys() const;
};

// All projections that are installed, by name.
std::vector<ProjectionStatus> status(pq::Connection& connection);

struct ParkedStatus {
    std::string projection;
    eventstore::Partition partition;
    std::string key;
    std::string reason;
    std::string detail;
    eventstore::Position position;  // of the event that stands in the way
    eventstore::EventId event;
    std::string type;
    std::int64_t parked_at = 0;  // microseconds since the Unix epoch
    std::int64_t events = 0;     // that wait, this one included
};

// Of one projection or of all; at most `limit`.
std::vector<ParkedStatus> parked(pq::Connection& connection,
                                 const std::optional<std::string>& projection,
                                 std::int64_t limit = 1000);

}  // namespace skald::projections
