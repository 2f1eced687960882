// The composition root: every command of the program is named here, and nowhere else are modules
// put together.
#include "api/cli/commands.h"
#include "api/cli/program.h"

int main(int argc, char** argv) {
    using namespace skald::cli;
    return run_program(argc, argv, [](CLI::App& app, Invocation& invocation) {
        add_serve(app, invocation);
        add_migrate(app, invocation);
        add_streams(app, invocation);
        add_events(app, invocation);
        add_projections(app, invocation);
        add_relay(app, invocation);
        add_sagas(app, invocation);
        add_verify(app, invocation);
        add_config(app, invocation);
        add_openapi(app, invocation);
        add_sandbox_provider(app, invocation);
    });
}
