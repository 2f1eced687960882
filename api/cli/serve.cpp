// `skald serve`: the shop itself.
#include "api/serve/serve.h"

#include "api/cli/commands.h"
#include "api/serve/checks.h"

namespace skald::cli {
namespace {

int run_serve(Invocation& invocation) {
    serve::serve(invocation.settings(
        [](const config::Config& config) { return serve::required_settings(config.roles); }));
    return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, Invocation& invocation) {
    auto& command = add_command(app, "serve", "Serve, in all roles or some, until told to stop",
                                "skald serve --roles=api --listen 127.0.0.1:9000");
    runs(command, invocation, run_serve);
}

}  // namespace skald::cli
