#include "sagas/migrations/migrations.h"

#include "sagas/migrations/sql.h"

namespace skald::sagas {
namespace {

namespace sql = sagas_migrations::sql;

constexpr eventstore::Migration own_migrations[] = {
    {201, "sagas", sql::v0201_sagas_up, sql::v0201_sagas_down},
};

}  // namespace

std::span<const eventstore::Migration> migrations() { return own_migrations; }

}  // namespace skald::sagas
