#include "sagas/migrations/migrations.h"

#include "sagas/migrations/sql.h"

namespace skald::sagas {
namespace {

namespace sql = sagas_migrations::sql;

constexpr eventstore::Migration own_migrations[] = {
    {201, "sagas", sql::v0201_sagas_up, sql::v0201_sagas_down},
    {202, "sleep", sql::v0202_sleep_up, sql::v0202_sleep_down},
};

}  // namespace

std::span<const eventstore::Migration> migrations() { return own_migrations; }

}  // namespace skald::sagas
