// The versions of a projection's tables: which is live, and how one is made and removed. The
// owner's role makes and removes; anybody reads. Used by one thread with one connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/engine/projection.h"

namespace skald::projections {

struct LiveVersion {
    std::int32_t version = 0;
    std::int32_t definition = 0;
    eventstore::Uuid generation{};  // names what Redis holds of this version
};

// Nothing if the projection was never installed.
std::optional<LiveVersion> live_version(pq::Connection& connection, const std::string& name);

// building: not complete. previous: was live before, and is followed no longer.
struct VersionRow {
    std::int32_t version = 0;
    std::int32_t definition = 0;
    std::string state;
};
std::vector<VersionRow> versions(pq::Connection& connection, const std::string& name);

// Makes the tables of those projections that have none, as their first, live version. Part of every
// migration; does nothing when all is there. Returns how many were made.
int install(pq::Connection& owner, const std::vector<const Projection*>& projections);

// What keeps this program from using the projections as they stand in the database, with the remedy
// (one sentence each).
std::vector<std::string> installation_problems(pq::Connection& connection,
                                               const std::vector<const Projection*>& projections);

// Both are to be called in a transaction.
void create_version(pq::Connection& owner, const Projection& projection, std::int32_t version,
                    std::string_view state);
void drop_version(pq::Connection& owner, const Projection& projection, std::int32_t version);

}  // namespace skald::projections
