// Compares what Redis mirrors with PostgreSQL. Used by one thread.
#pragma once

#include "projections/verify/goal.h"

namespace skald::projections {

// Every mirrored row and every kept ranking; adds a Check for each. Throws redis::RedisAway.
void check_mirrors(const VerifyOptions& options, const Goal& goal, VerifyReport& report);

}  // namespace skald::projections
