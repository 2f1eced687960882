// `skald serve`: the shop itself.
#include "api/serve/serve.h"

#include <iostream>

#include "api/cli/commands.h"
#include "api/serve/checks.h"

namespace skald::cli {
namespace {

int run_serve(Invocation& invocation) {
    const auto loaded = invocation.settings(
        [](const config::Config& config) { return serve::required_settings(config.roles); });
    serve::serve(loaded, [](const serve::Urls& urls) {
        std::cout << "skald serves";
        if (!urls.api.empty()) std::cout << " the API on " << urls.api << " and";
        std::cout << " operators on " << urls.ops << std::endl;
    });
    return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, Invocation& invocation) {
    auto& command = add_command(app, "serve", "Serve, in all roles or some, until told to stop",
                                "skald serve --roles=api --listen 127.0.0.1:9000");
    runs(command, invocation, run_serve);
}

}  // namespace skald::cli
