// Builds a projection anew: fresh tables of a new version are filled from the log, from position 1
// on, while the live version goes on; then one transaction makes them the live ones. Used by one
// thread.
#pragma once

#include <cstdint>
#include <functional>

#include "eventstore/log.h"
#include "eventstore/postgres/pq.h"
#include "projections/engine/projection.h"

namespace skald::projections {

// The projection cannot be rebuilt now; the message says why and what to do.
struct RebuildRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct RebuildPlan {
    std::int32_t live_version = 0;
    std::int32_t new_version = 0;
    std::int64_t events = 0;  // in the log now
};

struct RebuildProgress {
    std::int64_t events = 0;        // taken so far
    std::int64_t events_total = 0;  // in the log when it was last looked at
};

// What rebuild() would do.
RebuildPlan plan_rebuild(pq::Connection& connection, const Projection& projection,
                         eventstore::Log& log);

// Does it, and returns what was done. Commands and the live version go on meanwhile; the owners of
// its partitions are stopped for the moment of the switch only, and move over by themselves. The
// version that was live stays as it was then, until the next rebuild. Cut off at any point it can
// be run again: what was half built is thrown away. `owner` logs in as the tables' owner.
RebuildPlan rebuild(const Projection& projection, const pq::Settings& owner, eventstore::Log& log,
                    const std::function<void(const RebuildProgress&)>& progress = {});

}  // namespace skald::projections
