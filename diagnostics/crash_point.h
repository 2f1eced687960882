// Named places where a fault test may end the process. Inert unless SKALD_CRASH_AT=name:n is set:
// then the n-th passage (counted from 1, over all threads) through the point of that name ends the
// process by SIGKILL, as a power cut would.
#pragma once

namespace skald::diagnostics {

void crash_point(const char* name);

}  // namespace skald::diagnostics
