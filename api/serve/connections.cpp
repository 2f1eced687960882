#include "api/serve/connections.h"

#include <algorithm>

#include "projections/migrations/migrations.h"
#include "sagas/migrations/migrations.h"

namespace skald::serve {
namespace {

using eventstore::MigrationState;

pq::Settings settings(const config::Config& config, const std::string& conninfo,
                      const std::string& role, const std::string& name) {
    pq::Settings to;
    to.conninfo = conninfo;
    to.role = role;
    to.application_name = name;
    to.statement_timeout = config.pg_statement;
    to.answer_timeout = config.pg_statement + std::chrono::seconds(2);
    return to;
}

// What libpq says takes several lines when a name has several addresses.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string titles(const std::vector<eventstore::MigrationStatus>& all, MigrationState state) {
    std::string joined;
    for (const auto& one : all) {
        if (one.state != state) continue;
        joined += (joined.empty() ? "" : ", ") + std::to_string(one.number) + " " + one.name;
    }
    return joined;
}

}  // namespace

pq::Settings owner_settings(const config::Config& config) {
    auto to = settings(config, config.pg_owner, "", "skald owner");
    // A migration may build an index over everything.
    to.statement_timeout = std::chrono::hours(6);
    to.answer_timeout = std::chrono::hours(6) + std::chrono::seconds(2);
    return to;
}

pq::Settings writer_settings(const config::Config& config, const std::string& name) {
    return settings(config, config.pg, "skald_writer", "skald " + name);
}

pq::Settings reader_settings(const config::Config& config, const std::string& name) {
    return settings(config, config.pg, "skald_reader", "skald " + name);
}

pq::Settings login_settings(const config::Config& config) {
    return settings(config, config.pg, "", "skald");
}

void require_reachable(pq::Session& session, const std::string& setting) {
    try {
        session.get();
    } catch (const eventstore::Unavailable& error) {
        throw Unfit(first_line(error.what()) + ". Start PostgreSQL (./dev up) or correct " +
                    setting + ".");
    } catch (const pq::Error& error) {
        if (error.sqlstate == "22023" || error.sqlstate == "42501") {
            throw Unfit("PostgreSQL does not let the login of " + setting + " take its role (" +
                        first_line(error.what()) +
                        "). Run `skald migrate up` with that login in SKALD_PG.");
        }
        throw;
    }
}

const std::vector<eventstore::Migration>& all_migrations() {
    static const auto all = [] {
        std::vector<eventstore::Migration> joined;
        const auto add = [&](std::span<const eventstore::Migration> some) {
            joined.insert(joined.end(), some.begin(), some.end());
        };
        add(eventstore::log_migrations());
        add(projections::migrations());
        add(sagas::migrations());
        std::ranges::sort(joined, {}, &eventstore::Migration::number);
        return joined;
    }();
    return all;
}

void require_schema(pq::Connection& connection) {
    const auto all = eventstore::migration_status(connection, all_migrations());
    const auto count = [&](MigrationState state) {
        return std::ranges::count(all, state, &eventstore::MigrationStatus::state);
    };
    if (count(MigrationState::unknown) > 0) {
        throw Unfit("the database has a newer schema than this program knows (migration " +
                    titles(all, MigrationState::unknown) +
                    "). Use a program at least as new as the database.");
    }
    if (count(MigrationState::changed) > 0) {
        throw Unfit("the database was made with another text of migration " +
                    titles(all, MigrationState::changed) +
                    ". Use the program that made it, or a database of its own.");
    }
    if (count(MigrationState::applied) == 0) {
        throw Unfit("the database holds no store yet. Run `skald migrate up`.");
    }
    if (count(MigrationState::pending) > 0) {
        throw Unfit("the database has an old schema (missing: migration " +
                    titles(all, MigrationState::pending) + "). Run `skald migrate up`.");
    }
    const auto store = connection.query("SELECT 1 FROM skald.store");
    if (store.empty())
        throw Unfit("the database's store was not made yet. Run `skald migrate up`.");
}

void require_store(const pq::Settings& settings) {
    pq::Session session(settings);
    require_reachable(session, "SKALD_PG");
    require_schema(session.get());
}

void require_durable(pq::Connection& connection) {
    const auto fsync = connection.query("SELECT current_setting('fsync')");
    if (fsync.text(0, 0) != "on") {
        throw Unfit(
            "PostgreSQL runs with fsync=off, so a power cut would lose acknowledged "
            "commands. Set fsync=on in postgresql.conf and reload it.");
    }
}

}  // namespace skald::serve
