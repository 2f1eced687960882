// `skald migrate`: the schema, up, down and as it stands.
#include "eventstore/postgres/migrate.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/cli/commands.h"
#include "api/cli/table.h"
#include "api/serve/connections.h"
#include "projections/all.h"
#include "projections/engine/registry.h"

namespace skald::cli {
namespace {

using eventstore::MigrationState;
using eventstore::MigrationStatus;

struct MigrateOptions {
    bool dry_run = false;
    bool yes = false;
    int steps = 1;
};

std::string title(const MigrationStatus& one) {
    return std::to_string(one.number) + " " + one.name;
}

const char* name_of(MigrationState state) {
    switch (state) {
        case MigrationState::applied:
            return "applied";
        case MigrationState::pending:
            return "pending";
        case MigrationState::changed:
            return "changed";
        case MigrationState::unknown:
            return "unknown";
    }
    return "unknown";
}

std::unique_ptr<pq::Session> owner_session(const config::Loaded& loaded) {
    auto session = std::make_unique<pq::Session>(serve::owner_settings(loaded.config));
    serve::require_reachable(*session, loaded.given("pg_owner") ? "SKALD_PG_OWNER" : "SKALD_PG");
    return session;
}

std::string login_name(const config::Loaded& loaded) {
    pq::Session session(serve::login_settings(loaded.config));
    serve::require_reachable(session, "SKALD_PG");
    return session.get().query("SELECT session_user::text").text(0, 0);
}

// The number of partitions is fixed when the store is made; asking for another one is an error, not
// something to overlook.
void check_partitions(pq::Connection& owner, const config::Loaded& loaded) {
    const auto store = owner.query("SELECT partitions FROM skald.store");
    if (store.empty() || !loaded.given("partitions")) return;
    const auto partitions = store.int4(0, 0);
    if (partitions == loaded.config.partitions) return;
    throw Failed("the store was made with " + std::to_string(partitions) +
                 " partitions, which cannot change, but SKALD_PARTITIONS is " +
                 std::to_string(loaded.config.partitions) + ". Leave it out or set it to " +
                 std::to_string(partitions) + ".");
}

int migrate_up(Invocation& invocation, const MigrateOptions& options) {
    const auto loaded = invocation.settings({"pg"});
    const auto login = login_name(loaded);
    const auto session = owner_session(loaded);
    auto& owner = session->get();
    const auto& known = serve::all_migrations();
    if (options.dry_run) {
        int pending = 0;
        for (const auto& one : eventstore::migration_status(owner, known)) {
            if (one.state == MigrationState::applied) continue;
            const bool apply = one.state == MigrationState::pending;
            std::cout << (apply ? "would apply " : std::string(name_of(one.state)) + " ")
                      << title(one) << '\n';
            ++pending;
        }
        std::cout << (pending == 0 ? "nothing to apply\n" : "");
        return exit_ok;
    }
    const int done = eventstore::migrate_up(owner, known, [](const MigrationStatus& one) {
        std::cout << "applied " << title(one) << std::endl;
    });
    check_partitions(owner, loaded);
    eventstore::create_store(owner, loaded.config.partitions, login);
    const int made = projections::install(owner, projections::all_projections());
    if (made > 0) std::cout << "made the tables of " << made << " read models\n";
    if (done == 0 && made == 0) std::cout << "nothing to apply\n";
    return exit_ok;
}

int migrate_down(Invocation& invocation, const MigrateOptions& options) {
    const auto loaded = invocation.settings({"pg"});
    const auto session = owner_session(loaded);
    auto& owner = session->get();
    const auto& known = serve::all_migrations();
    const auto all = eventstore::migration_status(owner, known);
    std::vector<MigrationStatus> back;
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
        if (one->state == MigrationState::applied &&
            back.size() < static_cast<std::size_t>(options.steps)) {
            back.push_back(*one);
        }
    }
    std::string list;
    for (const auto& one : back) list += (list.empty() ? "" : ", ") + title(one);
    if (options.dry_run || back.empty()) {
        std::cout << (back.empty() ? "nothing to take back" : "would take back " + list) << '\n';
        return exit_ok;
    }
    confirm("Taking back migration " + list + " deletes what it holds, for ever.", options.yes);
    eventstore::migrate_down(owner, known, options.steps, [](const MigrationStatus& one) {
        std::cout << "took back " << title(one) << std::endl;
    });
    return exit_ok;
}

int show_status(Invocation& invocation) {
    const auto loaded = invocation.settings({"pg"});
    const auto session = owner_session(loaded);
    const auto all = eventstore::migration_status(session->get(), serve::all_migrations());
    if (invocation.json) {
        auto list = nlohmann::ordered_json::array();
        for (const auto& one : all) {
            list.push_back(
                {{"number", one.number}, {"name", one.name}, {"state", name_of(one.state)}});
        }
        std::cout << list.dump(2) << '\n';
        return exit_ok;
    }
    Table table({{"NUMBER", Align::right}, {"NAME"}, {"STATE"}});
    for (const auto& one : all) {
        table.add({std::to_string(one.number), one.name, name_of(one.state)});
    }
    table.print(std::cout);
    return exit_ok;
}

}  // namespace

void add_migrate(CLI::App& app, Invocation& invocation) {
    auto& migrate = add_command(app, "migrate", "Bring the database to this program's schema",
                                "skald migrate up");
    migrate.require_subcommand(1);
    const auto options = std::make_shared<MigrateOptions>();

    auto& up =
        add_command(migrate, "up", "Apply what is pending, and make the store on the first run",
                    "skald migrate up --dry-run");
    has_dry_run(up, options->dry_run);
    has_yes(up, options->yes);
    runs(up, invocation, [options](Invocation& run) { return migrate_up(run, *options); });

    auto& down = add_command(migrate, "down", "Take back the newest migrations with their data",
                             "skald migrate down --steps 1 --yes");
    down.add_option("--steps", options->steps, "How many (default 1)")
        ->check(CLI::Range(1, 1'000'000));
    has_dry_run(down, options->dry_run);
    has_yes(down, options->yes);
    runs(down, invocation, [options](Invocation& run) { return migrate_down(run, *options); });

    auto& status = add_command(migrate, "status", "List the migrations and whether each is applied",
                               "skald migrate status --json");
    reads_as_json(status, invocation);
    runs(status, invocation, show_status);
}

}  // namespace skald::cli
