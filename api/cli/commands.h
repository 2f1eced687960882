// The program's commands, each in a file of its own.
#pragma once

#include "api/cli/command.h"

namespace skald::cli {

void add_config(CLI::App& app, Invocation& invocation);
void add_events(CLI::App& app, Invocation& invocation);
void add_migrate(CLI::App& app, Invocation& invocation);
void add_openapi(CLI::App& app, Invocation& invocation);
void add_projections(CLI::App& app, Invocation& invocation);
void add_relay(CLI::App& app, Invocation& invocation);
void add_sagas(CLI::App& app, Invocation& invocation);
void add_sandbox_provider(CLI::App& app, Invocation& invocation);
void add_serve(CLI::App& app, Invocation& invocation);
void add_streams(CLI::App& app, Invocation& invocation);
void add_verify(CLI::App& app, Invocation& invocation);

}  // namespace skald::cli
