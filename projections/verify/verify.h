// Proves that the read models equal a fold of the log: the events are decoded to JSON and folded by
// SQL written for this alone, then compared row by row, as of one moment. Used by one thread; takes
// minutes on a log of millions.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/redis/client.h"

namespace skald::projections {

// One comparison. For Redis `expected` counts what PostgreSQL has; fewer may be found there without
// being a difference, for PostgreSQL answers for what Redis lacks.
struct Check {
    std::string name;
    std::int64_t expected = 0;
    std::int64_t found = 0;
    std::int64_t differences = 0;
    std::string first_difference;  // without personal data; empty if there is none
};

struct VerifyReport {
    std::int64_t events = 0;       // that were folded
    std::int64_t parked_keys = 0;  // left out, in all projections together
    std::vector<Check> checks;
    std::int64_t differences() const;
};

struct VerifyOptions {
    pq::Settings reader;  // may read the log and the read tables
    std::optional<redis::Settings> redis;
    std::string redis_space;                                              // see redis::space_of()
    std::function<void(std::int64_t done, std::int64_t total)> progress;  // events read
    // How long projections, and mirrors that Redis answers from, may take to get where the log
    // stood when the verification began; nothing: they may be behind.
    std::optional<std::chrono::milliseconds> patience = std::chrono::seconds(10);
};

// How far the projections are against the log, every receipt against its events, every read table
// against the fold, what waits behind parked keys against the log, and, where there is a Redis,
// what it mirrors against PostgreSQL. A running projector does not disturb it.
VerifyReport verify(const VerifyOptions& options);

}  // namespace skald::projections
