#include "domain/kernel/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace skald::kernel {

void invariant_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: invariant does not hold: %s\n", file, line, expression);
    std::abort();
}

}  // namespace skald::kernel
