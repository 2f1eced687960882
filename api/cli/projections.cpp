// `skald projections`: how the read models stand, what they hold back, and how they are made anew.
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/cli/commands.h"
#include "api/cli/table.h"
#include "api/json/time.h"
#include "api/serve/connections.h"
#include "eventstore/postgres/pg_log.h"
#include "projections/all.h"
#include "projections/engine/rebuild.h"
#include "projections/engine/status.h"
#include "projections/engine/step.h"

namespace skald::cli {
namespace {

using nlohmann::ordered_json;
using projections::ParkedStatus;
using projections::ProjectionStatus;

struct Options {
    std::string name;
    std::string key;
    bool dry_run = false;
};

// A connection of the reader's role to a store that this program fits.
pq::Session reading(const Invocation& invocation) {
    const auto settings = serve::reader_settings(invocation.settings({"pg"}).config, "cli");
    serve::require_store(settings);
    return pq::Session(settings);
}

const projections::Projection& known_projection(const std::string& name) {
    if (const auto* known = projections::find_projection(name)) return *known;
    std::string names;
    for (const auto& one : projections::projection_names()) {
        names += (names.empty() ? "" : ", ") + one;
    }
    throw Misused("there is no projection " + name + "; there are: " + names + ".");
}

ordered_json as_json(const ProjectionStatus& status) {
    auto versions = ordered_json::array();
    for (const auto& one : status.versions) {
        versions.push_back(
            {{"version", one.version}, {"definition", one.definition}, {"state", one.state}});
    }
    auto partitions = ordered_json::array();
    for (const auto& at : status.partitions) {
        partitions.push_back({{"partition", at.partition.value()},
                              {"position", at.position.value()},
                              {"head", at.head.value()},
                              {"lag", at.head - at.position},
                              {"parked_keys", at.parked_keys},
                              {"moved_at", json::format_time_us(at.moved_at)}});
    }
    return {{"name", status.name},
            {"live_version", status.live_version},
            {"definition", status.definition},
            {"lag", status.lag()},
            {"parked_keys", status.parked_keys()},
            {"versions", std::move(versions)},
            {"partitions", std::move(partitions)}};
}

int list(Invocation& invocation) {
    auto session = reading(invocation);
    const auto all = projections::status(session.get());
    if (invocation.json) {
        auto shown = ordered_json::array();
        for (const auto& one : all) shown.push_back(as_json(one));
        std::cout << shown.dump(2) << '\n';
        return exit_ok;
    }
    Table table(
        {{"NAME"}, {"VERSION", Align::right}, {"LAG", Align::right}, {"PARKED", Align::right}});
    for (const auto& one : all) {
        table.add({one.name, std::to_string(one.live_version), std::to_string(one.lag()),
                   std::to_string(one.parked_keys())});
    }
    table.print(std::cout);
    return exit_ok;
}

int show(Invocation& invocation, const Options& options) {
    known_projection(options.name);
    auto session = reading(invocation);
    for (const auto& one : projections::status(session.get())) {
        if (one.name != options.name) continue;
        if (invocation.json) {
            std::cout << as_json(one).dump(2) << '\n';
            return exit_ok;
        }
        Table versions({{"VERSION", Align::right}, {"DEFINITION", Align::right}, {"STATE"}});
        for (const auto& version : one.versions) {
            versions.add({std::to_string(version.version), std::to_string(version.definition),
                          version.state});
        }
        versions.print(std::cout);
        std::cout << '\n';
        Table table({{"PARTITION", Align::right},
                     {"POSITION", Align::right},
                     {"HEAD", Align::right},
                     {"LAG", Align::right},
                     {"PARKED", Align::right},
                     {"MOVED"}});
        for (const auto& at : one.partitions) {
            table.add({std::to_string(at.partition.value()), std::to_string(at.position.value()),
                       std::to_string(at.head.value()), std::to_string(at.head - at.position),
                       std::to_string(at.parked_keys), json::format_time_us(at.moved_at)});
        }
        table.print(std::cout);
        return exit_ok;
    }
    throw Failed("the projection " + options.name +
                 " has no tables in this database. Run `skald migrate up`.");
}

int list_parked(Invocation& invocation, const Options& options) {
    std::optional<std::string> name;
    if (!options.name.empty()) name = known_projection(options.name).name;
    auto session = reading(invocation);
    const auto all = projections::parked(session.get(), name);
    if (invocation.json) {
        auto shown = ordered_json::array();
        for (const auto& one : all) {
            shown.push_back({{"projection", one.projection},
                             {"partition", one.partition.value()},
                             {"key", one.key},
                             {"reason", one.reason},
                             {"detail", one.detail},
                             {"position", one.position.value()},
                             {"event_id", eventstore::to_text(one.event.value())},
                             {"type", one.type},
                             {"parked_at", json::format_time_us(one.parked_at)},
                             {"events", one.events}});
        }
        std::cout << shown.dump(2) << '\n';
        return exit_ok;
    }
    Table table({{"PROJECTION"},
                 {"KEY"},
                 {"REASON"},
                 {"TYPE"},
                 {"PARTITION", Align::right},
                 {"POSITION", Align::right},
                 {"WAITING", Align::right},
                 {"SINCE"},
                 {"DETAIL"}});
    for (const auto& one : all) {
        table.add({one.projection, one.key, one.reason, one.type,
                   std::to_string(one.partition.value()), std::to_string(one.position.value()),
                   std::to_string(one.events), json::format_time_us(one.parked_at), one.detail});
    }
    table.print(std::cout);
    return exit_ok;
}

int release(Invocation& invocation, const Options& options) {
    const auto& projection = known_projection(options.name);
    const auto settings = serve::writer_settings(invocation.settings({"pg"}).config, "cli");
    serve::require_store(settings);
    pq::Session session(settings);
    if (options.dry_run) {
        for (const auto& one : projections::parked(session.get(), projection.name)) {
            if (one.key != options.key) continue;
            std::cout << "would apply " << one.events << " events that wait behind " << one.key
                      << '\n';
            return exit_ok;
        }
        throw Failed("the key " + options.key + " of " + projection.name + " is not parked.");
    }
    const auto released = projections::release(session.get(), projection, options.key);
    if (!released.was_parked) {
        throw Failed("the key " + options.key + " of " + projection.name + " is not parked.");
    }
    std::cout << "applied " << released.applied << " events of " << options.key << '\n';
    if (!released.still_parked) return exit_ok;
    throw Failed("the key " + options.key + " is still parked (" + released.still_parked->reason +
                 "): " + released.still_parked->detail +
                 ". Repair the cause and release it again.");
}

// A line on standard error, at most one a second; on a terminal over and over the same one.
class ProgressLine {
  public:
    ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0) {}
    ~ProgressLine() {
        if (terminal_ && shown_) std::cerr << '\n';
    }

    void show(const projections::RebuildProgress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (now - last_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(1))) {
            return;
        }
        last_ = now;
        shown_ = true;
        const auto seconds = std::chrono::duration<double>(now - began_).count();
        const auto rate = static_cast<double>(progress.events) / std::max(seconds, 0.001);
        const auto left = progress.events_total - progress.events;
        const auto eta = static_cast<std::int64_t>(static_cast<double>(left) / std::max(rate, 1.0));
        std::cerr << (terminal_ ? "\r" : "") << progress.events << " of " << progress.events_total
                  << " events, " << static_cast<std::int64_t>(rate) << " a second, about " << eta
                  << " s left" << (terminal_ ? "   " : "\n") << std::flush;
    }

  private:
    bool terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_ = began_;
};

int rebuild(Invocation& invocation, const Options& options) {
    const auto& projection = known_projection(options.name);
    const auto loaded = invocation.settings({"pg"});
    const auto reader = serve::reader_settings(loaded.config, "rebuild");
    serve::require_store(reader);
    eventstore::PgLog log(reader);
    if (options.dry_run) {
        pq::Session session(reader);
        const auto plan = projections::plan_rebuild(session.get(), projection, log);
        std::cout << "would build version " << plan.new_version << " of " << projection.name
                  << " from " << plan.events << " events and put it in place of version "
                  << plan.live_version << '\n';
        return exit_ok;
    }
    ProgressLine line;
    const auto done = projections::rebuild(
        projection, serve::owner_settings(loaded.config), log,
        [&](const projections::RebuildProgress& progress) { line.show(progress); });
    std::cout << "version " << done.new_version << " of " << projection.name
              << " is live, built from " << done.events << " events\n";
    return exit_ok;
}

}  // namespace

void add_projections(CLI::App& app, Invocation& invocation) {
    auto& group = add_command(app, "projections", "Look at the read models and look after them",
                              "skald projections list");
    group.require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const auto bound = [options](int (*action)(Invocation&, const Options&)) {
        return [options, action](Invocation& run) { return action(run, *options); };
    };

    auto& list_command = add_command(group, "list", "List the projections with lag and parked keys",
                                     "skald projections list --json");
    reads_as_json(list_command, invocation);
    runs(list_command, invocation, list);

    auto& show_command = add_command(group, "show", "Show a projection, partition by partition",
                                     "skald projections show orders");
    show_command.add_option("name", options->name, "The projection")->required();
    reads_as_json(show_command, invocation);
    runs(show_command, invocation, bound(show));

    auto& parked_command =
        add_command(group, "parked", "List the keys held back since an event could not be applied",
                    "skald projections parked orders --json");
    parked_command.add_option("name", options->name, "Only of this projection");
    reads_as_json(parked_command, invocation);
    runs(parked_command, invocation, bound(list_parked));

    auto& release_command =
        add_command(group, "release", "Apply what waits behind a parked key, once it can be",
                    "skald projections release orders 7f3a --dry-run");
    release_command.add_option("name", options->name, "The projection")->required();
    release_command.add_option("key", options->key, "The partition key")->required();
    has_dry_run(release_command, options->dry_run);
    runs(release_command, invocation, bound(release));

    auto& rebuild_command =
        add_command(group, "rebuild", "Fill fresh tables from the log and put them in place",
                    "skald projections rebuild sales --dry-run");
    rebuild_command.add_option("name", options->name, "The projection")->required();
    has_dry_run(rebuild_command, options->dry_run);
    runs(rebuild_command, invocation, bound(rebuild));
}

}  // namespace skald::cli
