// `skald openapi`: what GET /openapi.json answers, without anything running.
#include <iostream>

#include "api/cli/commands.h"
#include "api/routes/public.h"

namespace skald::cli {

void add_openapi(CLI::App& app, Invocation& invocation) {
    auto& command = add_command(app, "openapi", "Print the API's description (OpenAPI 3.1, JSON)",
                                "skald openapi > openapi.json");
    // It is JSON in any case.
    reads_as_json(command, invocation);
    runs(command, invocation, [](Invocation&) {
        std::cout << routes::openapi_text() << '\n';
        return exit_ok;
    });
}

}  // namespace skald::cli
