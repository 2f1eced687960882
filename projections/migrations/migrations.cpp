#include "projections/migrations/migrations.h"

#include "projections/migrations/sql.h"

namespace skald::projections {
namespace {

namespace sql = projections_migrations::sql;

constexpr eventstore::Migration own_migrations[] = {
    {101, "projections", sql::v0101_projections_up, sql::v0101_projections_down},
    {102, "orders_by_revision", sql::v0102_orders_by_revision_up,
     sql::v0102_orders_by_revision_down},
};

}  // namespace

std::span<const eventstore::Migration> migrations() { return own_migrations; }

}  // namespace skald::projections
