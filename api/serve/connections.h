// How the program's settings become connections to PostgreSQL, and whether the database behind them
// is one this program can work on.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "api/config/config.h"
#include "eventstore/postgres/migrate.h"
#include "eventstore/postgres/pq.h"

namespace skald::serve {

// Something the program needs is missing or unfit. The message is one sentence and the remedy.
struct Unfit : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The login that owns the schema: migrations, tables of rebuilds.
pq::Settings owner_settings(const config::Config& config);
// The login of SKALD_PG as the role that appends and writes read models.
pq::Settings writer_settings(const config::Config& config, const std::string& name);
// The same login as the role that only reads.
pq::Settings reader_settings(const config::Config& config, const std::string& name);
// The same login as it is.
pq::Settings login_settings(const config::Config& config);

// Connects, or throws Unfit that names `setting` (SKALD_PG or SKALD_PG_OWNER).
void require_reachable(pq::Session& session, const std::string& setting);

// The migrations of all modules, by number.
const std::vector<eventstore::Migration>& all_migrations();
// Throws Unfit unless the database has exactly the schema this program knows.
void require_schema(pq::Connection& connection);
// What a command needs that works on the store: reachable, with this program's schema.
void require_store(const pq::Settings& settings);
// Throws Unfit on fsync=off, where a power cut loses what was acknowledged.
void require_durable(pq::Connection& connection);

}  // namespace skald::serve
