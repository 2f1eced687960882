// The program's commands, each in a file of its own.
#pragma once

#include "api/cli/command.h"

namespace skald::cli {

void add_config(CLI::App& app, Invocation& invocation);
void add_events(CLI::App& app, Invocation& invocation);
void add_migrate(CLI::App& app, Invocation& invocation);
void add_streams(CLI::App& app, Invocation& invocation);

}  // namespace skald::cli
