// `skald config`: the settings in effect.
#include <iostream>
#include <nlohmann/json.hpp>

#include "api/cli/commands.h"
#include "api/cli/table.h"

namespace skald::cli {
namespace {

int show_config(Invocation& invocation) {
    const auto loaded = invocation.settings();
    if (invocation.json) {
        auto settings = nlohmann::ordered_json::object();
        for (const auto& setting : loaded.effective) {
            settings[setting.name] = {{"value", setting.shown}, {"source", setting.source}};
        }
        std::cout << settings.dump(2) << '\n';
        return exit_ok;
    }
    Table table({{"SETTING"}, {"VALUE"}, {"SOURCE"}});
    for (const auto& setting : loaded.effective) {
        table.add({setting.name, setting.shown, setting.source});
    }
    table.print(std::cout);
    return exit_ok;
}

}  // namespace

void add_config(CLI::App& app, Invocation& invocation) {
    auto& command =
        add_command(app, "config", "Show the settings in effect and where they are from",
                    "skald config --json");
    reads_as_json(command, invocation);
    runs(command, invocation, show_config);
}

}  // namespace skald::cli
