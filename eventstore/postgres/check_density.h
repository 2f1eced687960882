// Proves that the log has no holes: positions dense from 1 in each partition, versions dense from 1
// in each stream.
#pragma once

#include <cstdint>
#include <string>

#include "eventstore/postgres/pq.h"
#include "eventstore/types.h"

namespace skald::eventstore {

struct Density {
    std::int64_t events = 0;
    std::int64_t streams = 0;
    std::int64_t missing_positions = 0;
    std::int64_t missing_versions = 0;
    std::string first;  // the first thing found wrong, or empty
};

// Looks at the events up to `upto`, partition by partition, each in a statement of its own.
Density check_density(pq::Connection& reader, const Heads& upto);

}  // namespace skald::eventstore
