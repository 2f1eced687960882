// What every command of the program shares: the settings given on its command line, how it ends,
// and how it is added to the parser. One thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "api/config/load.h"

namespace skald::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

// The command cannot do what was asked; the message is one sentence with the remedy. Exit code 1.
struct Failed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// It was asked wrongly. Exit code 2.
struct Misused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// One run of the program.
struct Invocation {
    config::Sources sources;
    bool json = false;
    std::function<int(Invocation&)> action;  // of the command chosen

    // The settings, or Misused with all that is wrong with them. `required` are names of settings.
    config::Loaded settings(const std::vector<std::string>& required = {}) const;
    config::Loaded settings(const config::Required& required) const;
};

// Adds a command of this name to `parent`; `example` is shown by --help.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example);
// Adds --json.
void reads_as_json(CLI::App& command, Invocation& invocation);
// Makes `action` what runs when the command is chosen.
void runs(CLI::App& command, Invocation& invocation, std::function<int(Invocation&)> action);
// --dry-run, and for destructive commands --yes.
void has_dry_run(CLI::App& command, bool& dry_run);
void has_yes(CLI::App& command, bool& yes);

// Asks for a yes on the terminal unless `yes` was given; without a terminal nothing is asked and
// Failed names --yes.
void confirm(const std::string& question, bool yes);

}  // namespace skald::cli
