// Compares each snapshot with the state that its stream's events come to.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/executor.h"
#include "eventstore/postgres/pq.h"

namespace skald::eventstore {

struct SnapshotsFound {
    std::int64_t snapshots = 0;
    std::int64_t unused =
        0;  // of another revision, or their last event is not in the log: never read
    std::int64_t different = 0;
    std::string first;  // the first difference, with what to do about it, or empty
};

// Reads the snapshots one by one, and all the events they stand for.
SnapshotsFound check_snapshots(pq::Connection& reader, Log& log, const Folds& folds);

}  // namespace skald::eventstore
