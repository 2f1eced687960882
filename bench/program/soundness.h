// What every benchmark that appends ends with: is the log what was answered?
#pragma once

#include <map>
#include <string>

#include "api/config/config.h"
#include "eventstore/postgres/pq.h"

namespace skald::bench {

// Throws std::runtime_error unless the log holds exactly so many events of each of these types, and
// has no holes.
void require_sound(const config::Config& config, pq::Connection& owner,
                   const std::map<std::string, std::int64_t>& answered);

}  // namespace skald::bench
