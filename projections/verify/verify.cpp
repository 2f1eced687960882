#include "projections/verify/verify.h"

#include "projections/verify/fold.h"
#include "projections/verify/goal.h"
#include "projections/verify/mirrors.h"

namespace skald::projections {

std::int64_t VerifyReport::differences() const {
    std::int64_t all = 0;
    for (const auto& check : checks) all += check.differences;
    return all;
}

VerifyReport verify(const VerifyOptions& options) {
    VerifyReport report;
    const Goal goal(options);
    if (options.patience) check_cursors(options, goal, report);
    check_read_tables(options, report);
    if (options.redis) check_mirrors(options, goal, report);
    return report;
}

}  // namespace skald::projections
