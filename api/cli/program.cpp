#include "api/cli/program.h"

#include <iostream>

#include "api/config/setting.h"

namespace skald::cli {
namespace {

void add_settings(CLI::App& app, config::Sources& sources) {
    app.add_option_function<std::string>(
           "--config", [&](const std::string& path) { sources.file = path; },
           "JSON file with settings; comments are allowed [SKALD_CONFIG]")
        ->type_name("FILE")
        ->group("Settings");
    for (const auto& setting : config::all_settings()) {
        std::string help = std::string(setting.help) + " [" + setting.env();
        if (!setting.fallback.empty()) help += ", default " + std::string(setting.fallback);
        help += "]";
        const std::string name(setting.name);
        const auto keep = [&sources, name](const std::string& text) { sources.flags[name] = text; };
        auto* option = app.add_option_function<std::string>(setting.flag(), keep, help);
        option->type_name("")->group("Settings");
        if (setting.is_switch) option->expected(0, 1)->default_str("true");
    }
}

int report(const std::string& message, int code) {
    std::cerr << "skald: " << message << '\n';
    return code;
}

// The parser's own words, but for a command that does not exist, where it would only say that one
// is missing.
int misused(const CLI::App& app, const CLI::ParseError& error) {
    const auto remaining = app.remaining(true);
    std::string message = error.what();
    if (!remaining.empty() && remaining.front().rfind('-', 0) != 0) {
        message = "there is no command \"" + remaining.front() + "\"";
    }
    return report(message + ". Run with --help for more.", exit_usage);
}

int run_action(Invocation& invocation) {
    try {
        const int code = invocation.action(invocation);
        std::cout.flush();
        if (!std::cout) return report("standard output cannot be written", exit_failed);
        return code;
    } catch (const Misused& error) {
        return report(error.what(), exit_usage);
    } catch (const std::exception& error) {
        return report(error.what(), exit_failed);
    }
}

}  // namespace

int run_program(int argc, const char* const* argv,
                const std::function<void(CLI::App&, Invocation&)>& add_commands) {
    CLI::App app("Skald, an event-sourced shop backend", "skald");
    app.footer(
        "Example:\n  skald serve --roles=api,relay,projector\n\n`skald COMMAND --help` says "
        "more about a command.");
    app.set_version_flag("--version", "skald 0.1.0");
    app.require_subcommand(1);
    app.fallthrough();
    Invocation invocation;
    invocation.sources.environment = config::process_environment();
    add_settings(app, invocation.sources);
    add_commands(app, invocation);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        return misused(app, error);
    }
    return run_action(invocation);
}

}  // namespace skald::cli
