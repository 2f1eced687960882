#include "api/config/load.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "api/config/file.h"
#include "api/config/setting.h"

namespace skald::config {
namespace {

constexpr std::string_view ours = "SKALD_";

// Variables that are not settings of the program: fault tests, the test suites' servers, ./dev.
bool belongs_to_others(std::string_view variable) {
    return variable == "SKALD_CRASH_AT" || variable == "SKALD_VAR" || variable == "SKALD_CONFIG" ||
           variable.starts_with("SKALD_TEST_");
}

Texts read_environment(const Texts& environment, std::vector<Problem>& problems) {
    std::vector<std::string> names{"SKALD_CONFIG"};
    for (const auto& setting : all_settings()) names.push_back(setting.env());
    Texts texts;
    for (const auto& [variable, value] : environment) {
        if (!variable.starts_with(ours) || belongs_to_others(variable)) continue;
        if (const auto* setting = find_setting_by_env(variable)) {
            texts.emplace(setting->name, value);
        } else {
            problems.push_back({variable, "in the environment is no setting; unset it." +
                                              did_you_mean(variable, names)});
        }
    }
    return texts;
}

struct Layer {
    std::string source;  // as `skald config` names it
    Texts texts;

    // The key as the user wrote it there.
    std::string key(const Setting& setting) const {
        if (source == "environment") return setting.env();
        if (source == "flag") return setting.flag();
        return std::string(setting.name);
    }
    std::string place() const { return source == "flag" ? "" : " (" + source + ")"; }
};

// The last layer that holds the setting decides, but a wrong value in an overruled layer is a
// problem too: it would come to light only when the overruling one goes away.
Effective settle(const Setting& setting, const std::vector<Layer>& layers, Config& config,
                 std::vector<Problem>& problems) {
    Effective effective{std::string(setting.name), "", "default"};
    if (!setting.fallback.empty()) {
        const std::string fallback(setting.fallback);
        setting.read(config, fallback);
        effective.shown = setting.shown(fallback);
    }
    for (const auto& layer : layers) {
        const auto found = layer.texts.find(setting.name);
        if (found == layer.texts.end()) continue;
        effective.shown = setting.shown(found->second);
        effective.source = layer.source;
        if (const auto must_be = setting.read(config, found->second)) {
            problems.push_back({layer.key(setting), "is \"" + effective.shown + "\"" +
                                                        layer.place() + " but must be " + *must_be +
                                                        "."});
        }
    }
    return effective;
}

// What the program cannot do without, and what no default could guess.
void require(const std::vector<std::string>& required, const Loaded& loaded,
             std::vector<Problem>& problems) {
    for (const auto& name : required) {
        const auto* setting = find_setting(name);
        if (loaded.given(name)) continue;
        problems.push_back({setting->env(), "is not set (" + std::string(setting->help) +
                                                "). Set it, or let ./dev up start the services "
                                                "and `source var/env`."});
    }
}

// Where nobody says who moves the money, and nobody asked for sagas, there are none to drive. Roles
// that could not be read ask for nothing.
void leave_out_sagas(Loaded& loaded, const std::vector<Problem>& problems) {
    const auto& roles = *find_setting("roles");
    const bool unread = std::ranges::any_of(problems, [&](const Problem& problem) {
        return problem.key == roles.env() || problem.key == roles.flag() ||
               problem.key == roles.name;
    });
    if ((loaded.given("roles") && !unread) || loaded.given("payment_url")) return;
    loaded.config.roles.erase(Role::sagas);
    std::string shown;
    for (const auto role : loaded.config.roles)
        shown += (shown.empty() ? "" : ",") + std::string(name_of(role));
    std::ranges::find(loaded.effective, "roles", &Effective::name)->shown = shown;
}

void check_together(const Config& config, std::vector<Problem>& problems) {
    if (config.listen.port != 0 && config.listen == config.ops_listen) {
        problems.push_back({"SKALD_OPS_LISTEN", "is " + config.ops_listen.text() +
                                                    ", which is SKALD_LISTEN too; give the two "
                                                    "different ports."});
    }
    if (config.topic_min_insync > config.topic_replicas) {
        problems.push_back({"SKALD_TOPIC_MIN_INSYNC",
                            "is " + std::to_string(config.topic_min_insync) +
                                ", more than the topic has replicas (SKALD_TOPIC_REPLICAS is " +
                                std::to_string(config.topic_replicas) +
                                "), so nothing could be published; lower it or raise the other."});
    }
}

}  // namespace

std::string Address::text() const {
    const bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Loaded::given(std::string_view name) const {
    const auto found = std::ranges::find(effective, name, &Effective::name);
    return found != effective.end() && found->source != "default";
}

Result<Loaded, std::vector<Problem>> load(const Sources& sources, const Required& required) {
    std::vector<Problem> problems;
    std::vector<Layer> layers;
    auto file = sources.file;
    if (const auto named = sources.environment.find("SKALD_CONFIG");
        !file && named != sources.environment.end()) {
        file = named->second;
    }
    if (file) layers.push_back({*file, read_file(*file, problems)});
    layers.push_back({"environment", read_environment(sources.environment, problems)});
    layers.push_back({"flag", sources.flags});

    Loaded loaded;
    for (const auto& setting : all_settings()) {
        loaded.effective.push_back(settle(setting, layers, loaded.config, problems));
    }
    leave_out_sagas(loaded, problems);
    if (required) require(required(loaded.config), loaded, problems);
    check_together(loaded.config, problems);
    if (!problems.empty()) return unexpected(std::move(problems));
    if (loaded.config.pg_owner.empty()) loaded.config.pg_owner = loaded.config.pg;
    return loaded;
}

Texts process_environment() {
    Texts texts;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        texts.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return texts;
}

}  // namespace skald::config
