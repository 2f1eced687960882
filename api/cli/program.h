// The command line as a whole: parses it, runs the command chosen, and turns what went wrong into a
// message on standard error and an exit code.
#pragma once

#include <functional>

#include "api/cli/command.h"

namespace skald::cli {

// `add_commands` gives the program its commands. Returns the exit code: 0 ok, 1 failed, 2 usage.
int run_program(int argc, const char* const* argv,
                const std::function<void(CLI::App&, Invocation&)>& add_commands);

}  // namespace skald::cli
