// Folds the log by SQL and compares the result with the read tables, in one snapshot. Used by one
// thread with a connection of its own.
#pragma once

#include "projections/verify/verify.h"

namespace skald::projections {

// Takes the receipts and all read tables; adds a Check for each.
void check_read_tables(const VerifyOptions& options, VerifyReport& report);

}  // namespace skald::projections
