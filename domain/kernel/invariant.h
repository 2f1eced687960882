// INVARIANT(x): what can only be false through a bug. It is checked in every build, and a false one
// ends the process, because going on would spread the damage.
#pragma once

namespace skald::kernel {

[[noreturn]] void invariant_failed(const char* expression, const char* file, int line);

}  // namespace skald::kernel

#define INVARIANT(x) \
    (static_cast<bool>(x) ? void(0) : ::skald::kernel::invariant_failed(#x, __FILE__, __LINE__))
