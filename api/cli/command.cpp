#include "api/cli/command.h"

#include <unistd.h>

#include <iostream>

namespace skald::cli {

config::Loaded Invocation::settings(const std::vector<std::string>& required) const {
    return settings([&](const config::Config&) { return required; });
}

config::Loaded Invocation::settings(const config::Required& required) const {
    auto loaded = config::load(sources, required);
    if (loaded) {
        diagnostics::set_level(loaded->config.log_level);
        return *std::move(loaded);
    }
    const auto& problems = loaded.error();
    std::string text = problems.size() == 1
                           ? "a setting is wrong:"
                           : std::to_string(problems.size()) + " settings are wrong:";
    for (const auto& problem : problems) text += "\n  " + problem.key + " " + problem.sentence;
    throw Misused(text);
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example) {
    auto& command = *parent.add_subcommand(name, what);
    command.footer("Example:\n  " + example +
                   "\n\nSettings come from flags, SKALD_... variables or --config FILE; "
                   "`skald --help` lists them.");
    return command;
}

void reads_as_json(CLI::App& command, Invocation& invocation) {
    command.add_flag("--json", invocation.json, "Print JSON");
}

void runs(CLI::App& command, Invocation& invocation, std::function<int(Invocation&)> action) {
    command.callback([&invocation, action = std::move(action)] { invocation.action = action; });
}

void has_dry_run(CLI::App& command, bool& dry_run) {
    command.add_flag("--dry-run", dry_run, "Say what would be done, and do nothing");
}

void has_yes(CLI::App& command, bool& yes) { command.add_flag("--yes", yes, "Do not ask"); }

void confirm(const std::string& question, bool yes) {
    if (yes) return;
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
        throw Failed(question + " Nothing was done: there is no terminal to ask on; add --yes.");
    }
    std::cout << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "Y" && answer != "yes") throw Failed("Nothing was done.");
}

}  // namespace skald::cli
