#include "eventstore/postgres/migrate.h"

#include <openssl/evp.h>

#include <algorithm>
#include <map>

#include "eventstore/postgres/sql.h"

namespace skald::eventstore {
namespace {

constexpr Migration own_migrations[] = {
    {1, "log", eventstore_postgres::sql::v0001_log_up, eventstore_postgres::sql::v0001_log_down},
    {2, "leases", eventstore_postgres::sql::v0002_leases_up,
     eventstore_postgres::sql::v0002_leases_down},
    {3, "relay", eventstore_postgres::sql::v0003_relay_up,
     eventstore_postgres::sql::v0003_relay_down},
    {4, "append_clean", eventstore_postgres::sql::v0004_append_clean_up,
     eventstore_postgres::sql::v0004_append_clean_down},
    {5, "lean_append", eventstore_postgres::sql::v0005_lean_append_up,
     eventstore_postgres::sql::v0005_lean_append_down},
    {6, "snapshots", eventstore_postgres::sql::v0006_snapshots_up,
     eventstore_postgres::sql::v0006_snapshots_down},
    {7, "known_heads", eventstore_postgres::sql::v0007_known_heads_up,
     eventstore_postgres::sql::v0007_known_heads_down},
};

std::string checksum(std::string_view text) {
    std::string digest(32, '\0');
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
               EVP_sha256(), nullptr);
    return digest;
}

struct Applied {
    std::string name;
    std::string checksum;
};

std::map<int, Applied> applied(pq::Connection& connection) {
    std::map<int, Applied> found;
    const auto exists = connection.query("SELECT to_regclass('skald.migrations') IS NOT NULL");
    if (!exists.boolean(0, 0)) return found;
    const auto rows =
        connection.query("SELECT number, name, checksum FROM skald.migrations ORDER BY number");
    for (int i = 0; i < rows.size(); ++i)
        found[rows.int4(i, 0)] = {rows.text(i, 1), rows.bytea(i, 2)};
    return found;
}

// Holds the session lock that keeps two migration runs apart.
class MigrationLock {
  public:
    explicit MigrationLock(pq::Connection& connection) : connection_(connection) {
        connection_.query("SELECT pg_advisory_lock(1936417133, 0)");
    }
    ~MigrationLock() {
        try {
            connection_.query("SELECT pg_advisory_unlock(1936417133, 0)");
        } catch (const std::exception&) {  // the session ended, and the lock with it
        }
    }

  private:
    pq::Connection& connection_;
};

void refuse_unless_sound(const std::vector<MigrationStatus>& all) {
    for (const auto& one : all) {
        const auto title = std::to_string(one.number) + " (" + one.name + ")";
        if (one.state == MigrationState::changed) {
            throw MigrationRefused("migration " + title +
                                   " was applied with another text than this program holds; "
                                   "restore the released text and add a new migration instead");
        }
        if (one.state == MigrationState::unknown) {
            throw MigrationRefused("the database has migration " + title +
                                   ", which this program does not know; "
                                   "use a program at least as new as the database");
        }
    }
}

}  // namespace

std::span<const Migration> log_migrations() { return own_migrations; }

std::vector<MigrationStatus> migration_status(pq::Connection& connection,
                                              std::span<const Migration> known) {
    auto in_database = applied(connection);
    std::vector<MigrationStatus> all;
    for (const auto& migration : known) {
        auto state = MigrationState::pending;
        if (const auto found = in_database.find(migration.number); found != in_database.end()) {
            state = found->second.checksum == checksum(migration.up) ? MigrationState::applied
                                                                     : MigrationState::changed;
            in_database.erase(found);
        }
        all.push_back({migration.number, std::string(migration.name), state});
    }
    for (const auto& [number, row] : in_database)
        all.push_back({number, row.name, MigrationState::unknown});
    std::ranges::sort(all, {}, &MigrationStatus::number);
    return all;
}

int migrate_up(pq::Connection& owner, std::span<const Migration> known, const OnMigration& each) {
    MigrationLock lock(owner);
    owner.script(eventstore_postgres::sql::create_migrations_table);
    int done = 0;
    const auto all = migration_status(owner, known);
    refuse_unless_sound(all);
    for (const auto& one : all) {
        if (one.state != MigrationState::pending) continue;
        const auto migration = std::ranges::find(known, one.number, &Migration::number);
        pq::Transaction transaction(owner);
        owner.script(migration->up);
        owner.query("INSERT INTO skald.migrations (number, name, checksum) VALUES ($1, $2, $3)",
                    pq::Params().int4(one.number).text(one.name).bytea(checksum(migration->up)));
        transaction.commit();
        if (each) each({one.number, one.name, MigrationState::applied});
        ++done;
    }
    return done;
}

int migrate_down(pq::Connection& owner, std::span<const Migration> known, int steps,
                 const OnMigration& each) {
    MigrationLock lock(owner);
    const auto all = migration_status(owner, known);
    refuse_unless_sound(all);
    int done = 0;
    for (auto one = all.rbegin(); one != all.rend() && done < steps; ++one) {
        if (one->state != MigrationState::applied) continue;
        const auto migration = std::ranges::find(known, one->number, &Migration::number);
        pq::Transaction transaction(owner);
        owner.script(migration->down);
        owner.query("DELETE FROM skald.migrations WHERE number = $1",
                    pq::Params().int4(one->number));
        transaction.commit();
        if (each) each({one->number, one->name, MigrationState::pending});
        ++done;
    }
    return done;
}

void create_store(pq::Connection& owner, std::int32_t partitions, const std::string& login) {
    owner.query("INSERT INTO skald.store (partitions) VALUES ($1) ON CONFLICT DO NOTHING",
                pq::Params().int4(partitions));
    const auto grant =
        owner.query("SELECT format('GRANT skald_writer, skald_reader TO %I', $1::text)",
                    pq::Params().text(login));
    owner.script(grant.text(0, 0));
}

}  // namespace skald::eventstore
