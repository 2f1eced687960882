// Brings a database to the schema this program knows, and back. Each migration runs in a
// transaction of its own together with its row in skald.migrations; a session lock keeps two runs
// apart. Run by the owner's role.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/postgres/pq.h"

namespace skald::eventstore {

// Numbers are unique over all modules and applied in ascending order. An applied migration is never
// edited: its checksum (SHA-256 of `up`) is stored and compared.
struct Migration {
    int number;
    std::string_view name;
    std::string_view up;
    std::string_view down;
};

enum class MigrationState { applied, pending, changed, unknown };

struct MigrationStatus {
    int number;
    std::string name;
    MigrationState state;
};

// The database cannot be migrated as asked; the message says why and what to do.
struct MigrationRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using OnMigration = std::function<void(const MigrationStatus&)>;

// What is applied and what is not, by number. `unknown`: applied by a newer program. `changed`: its
// text is another now.
std::vector<MigrationStatus> migration_status(pq::Connection& connection,
                                              std::span<const Migration> known);
// Applies all that is pending; returns how many. Throws MigrationRefused on changed or unknown
// ones.
int migrate_up(pq::Connection& owner, std::span<const Migration> known,
               const OnMigration& each = {});
// Takes back the newest `steps` applied migrations; returns how many.
int migrate_down(pq::Connection& owner, std::span<const Migration> known, int steps,
                 const OnMigration& each = {});

// The log's own migrations; other modules bring theirs.
std::span<const Migration> log_migrations();

// Makes the store's row with this number of partitions unless there is one, and lets `login` act as
// the writer.
void create_store(pq::Connection& owner, std::int32_t partitions, const std::string& login);

}  // namespace skald::eventstore
