// `skald sandbox-provider`: a payment provider to try and test with; it moves no money.
#include <iostream>

#include "api/cli/commands.h"
#include "api/sandbox/server.h"
#include "api/serve/stop_signal.h"

namespace skald::cli {
namespace {

int run_sandbox(Invocation& invocation) {
    const auto loaded = invocation.settings({"sandbox_ledger"});
    const auto& config = loaded.config;
    serve::StopSignal stop;
    sandbox::Server server({.listen = config.sandbox_listen.text(),
                            .ledger = config.sandbox_ledger,
                            .secret = config.payment_secret});
    std::cout << "skald plays the payment provider on " << server.url() << std::endl;
    stop.wait();
    server.stop();
    return exit_ok;
}

}  // namespace

void add_sandbox_provider(CLI::App& app, Invocation& invocation) {
    auto& command = add_command(
        app, "sandbox-provider", "Play the payment provider, until told to stop; moves no money",
        "skald sandbox-provider --listen 127.0.0.1:9090 --ledger var/payments.ledger");
    const auto keep = [&](const char* setting) {
        return [&invocation, setting](const std::string& text) {
            invocation.sources.flags[setting] = text;
        };
    };
    command.add_option_function<std::string>("--listen", keep("sandbox_listen"),
                                             "Where it listens [SKALD_SANDBOX_LISTEN]");
    command.add_option_function<std::string>("--ledger", keep("sandbox_ledger"),
                                             "File that it keeps its books in "
                                             "[SKALD_SANDBOX_LEDGER]");
    runs(command, invocation, run_sandbox);
}

}  // namespace skald::cli
