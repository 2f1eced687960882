// Snapshots as parameters of statements, and rows as snapshots.
#pragma once

#include <span>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/postgres/pq.h"

namespace skald::eventstore {

// Of sql/read_snapshots.sql.
pq::Params params_of(std::span<const SnapshotWanted> wanted, std::int32_t partitions);
// Of sql/keep_snapshots.sql.
pq::Params params_of(std::span<const Snapshot> snapshots, std::int32_t partitions);
// What sql/read_snapshots.sql gives.
std::vector<Snapshot> snapshots_of(const pq::Rows& rows);

}  // namespace skald::eventstore
