// Sales so large that their sums leave 64 bits.
#include <gtest/gtest.h>

#include <limits>

#include "projections/engine/status.h"
#include "projections/migrations/migrations.h"
#include "projections/sales/queries.h"
#include "tests/integration/projections/shop_log.h"

namespace skald::tests {
namespace {

using namespace projections;

constexpr std::int32_t partitions = 4;

// One order with an absurd total is enough to take a sum out of range, and a report that fails for
// it fails for everybody; nor may an order be held back because others were large.
TEST(projections_sales, reports_of_sums_beyond_64_bits_show_the_last_number_within) {
    Database database{partitions, migrations()};
    ShopLog shop{database, partitions};
    PgPool pool{database.reader(), 1};
    Reading reading{pool, shop.progress(), partitions, nullptr};
    constexpr auto last = std::numeric_limits<std::int64_t>::max();
    shop.simple_product("GOLD", 6'000'000'000'000'000'000, "D");
    for (int i = 0; i < 12; ++i)
        shop.simple_order("o" + std::to_string(i), "ann", 0, {{"GOLD", 1}});
    shop.project();
    for (const auto& one : parked(database.admin(), "sales")) ADD_FAILURE() << one.detail;
    for (const auto by : {sales::GroupBy::day, sales::GroupBy::department, sales::GroupBy::sku}) {
        const auto report = sales::report(reading, {.by = by}, {});
        ASSERT_EQ(report->value.rows.size(), 1u);
        EXPECT_EQ(report->value.rows[0].orders, 12);
        EXPECT_EQ(report->value.rows[0].revenue.amount, last);
    }
}

}  // namespace
}  // namespace skald::tests
