// No listing reads a whole table, and a late page costs what the first one costs: seen in
// PostgreSQL's own statistics.
#include <gtest/gtest.h>

#include "projections/accounts/queries.h"
#include "projections/migrations/migrations.h"
#include "projections/orders/queries.h"
#include "projections/products/queries.h"
#include "projections/sales/queries.h"
#include "tests/integration/projections/shop_log.h"
#include "tests/integration/projections/table_reads.h"

namespace skald::tests {
namespace {

using namespace projections;
using std::chrono::steady_clock;

constexpr std::int32_t partitions = 2;
constexpr std::int64_t day_us = 86'400'000'000;
constexpr kernel::Currency euro{"EUR"};

class ProjectionsPlans : public testing::Test {
  protected:
    ProjectionsPlans() {
        for (int i = 0; i < 3000; ++i) {
            const auto number = std::to_string(i);
            const auto sku = "S" + number;
            const auto label = std::to_string(i % 20);
            shop.product(sku, product::Created{kernel::Sku(sku),
                                               "Title " + number,
                                               "D" + label,
                                               "C" + label,
                                               "B" + label,
                                               {100 + i, euro}});
            shop.account("a" + number, account::Registered{kernel::EmailAddress(number + "@x.org"),
                                                           kernel::PersonName("N")});
        }
        shop.simple_product("A", 1, "D");
        for (int i = 0; i < 3000; ++i)
            shop.simple_order("o" + std::to_string(i), "a" + std::to_string(i % 20), i * day_us,
                              {{"A", 1}});
        shop.project();
        database.admin().script("ANALYZE");
    }

    template <class Queries>
    Reads reads_of(const std::string& table, Queries queries) {
        return TableReads(database, shop.progress(), partitions).of(table, queries);
    }
    template <class Queries>
    void expect_few_reads(const std::string& table, std::int64_t most, Queries queries) {
        const auto read = reads_of(table, queries);
        EXPECT_EQ(read.scans, 0);
        EXPECT_GE(read.rows, 60);
        EXPECT_LE(read.rows, most);
    }
    static ReadRequest any() { return {{}, steady_clock::now() + std::chrono::seconds(2)}; }
    // The first page, and one far behind it.
    template <class Ask>
    static void pages(const KeyValues& far, Ask ask) {
        KeysetPage page{.limit = 20, .direction = PageDirection::forward, .after = {}};
        EXPECT_EQ(ask(page), 20u);
        page.after = far;
        EXPECT_EQ(ask(page), 20u);
        page.direction = PageDirection::backward;
        EXPECT_EQ(ask(page), 20u);
    }

    Database database{partitions, migrations()};
    ShopLog shop{database, partitions};
    PgPool plain_pool{database.reader(), 1};
    Reading plain{plain_pool, shop.progress(), partitions, nullptr};
};

// Three pages of 21 rows, each counted in an index and in the table, and some room.
constexpr std::int64_t rows_max = 3 * 21 * 2 + 50;

TEST_F(ProjectionsPlans, products_in_every_order_and_behind_every_filter) {
    using products::SortBy;
    struct Sort {
        SortBy by;
        KeyValues far;
    };
    const auto middle = products::find(plain, kernel::Sku("S1500"), any());
    const auto created = std::to_string(middle->value->created_at.value());
    for (const auto& [by, far] :
         {Sort{SortBy::created_at, {created, "S1500"}}, Sort{SortBy::sku, {"S2"}},
          Sort{SortBy::price, {"1600", "S1500"}}, Sort{SortBy::title, {"Title 2", "S2"}}}) {
        for (const auto& filter :
             {products::Filter{}, products::Filter{.department = "D7", .category = {}, .brand = {}},
              products::Filter{.department = {}, .category = "C7", .brand = {}},
              products::Filter{.department = {}, .category = {}, .brand = "B7"}}) {
            const auto in_order = [&](const KeysetPage& page) {
                return products::Listing{
                    .filter = filter, .sort = by, .descending = true, .page = page};
            };
            expect_few_reads("products_v1", rows_max, [&](Reading& reading) {
                pages(far, [&](const KeysetPage& page) {
                    return products::list(reading, in_order(page), any())->value.rows.size();
                });
            });
            expect_few_reads("products_v1", rows_max, [&](Reading& reading) {
                pages(far, [&](const KeysetPage& page) {
                    const auto listing = in_order(page);
                    return products::list_together(reading, {&listing, 1}).at(0)->value.rows.size();
                });
            });
        }
    }
}

TEST_F(ProjectionsPlans, accounts_and_orders) {
    Reads read = reads_of("orders_v1", [&](Reading& reading) {
        for (const auto& filter :
             {orders::Filter{},
              orders::Filter{
                  .account = kernel::AccountId("a7"), .status = {}, .from = {}, .to = {}},
              orders::Filter{.account = {}, .status = "pending", .from = {}, .to = {}}})
            pages({std::to_string(1500 * day_us), "o1500"}, [&](const KeysetPage& page) {
                return orders::list(reading, {.filter = filter, .descending = true, .page = page},
                                    any())
                    ->value.rows.size();
            });
    });
    EXPECT_EQ(read.scans, 0);
    EXPECT_GE(read.rows, 60);
    EXPECT_LE(read.rows, 3 * rows_max);
    const auto middle = accounts::find(plain, kernel::AccountId("a1500"), any());
    read = reads_of("accounts_v1", [&](Reading& reading) {
        pages({std::to_string(middle->value->created_at.value()), "a1500"},
              [&](const KeysetPage& page) {
                  return accounts::list(reading, {.descending = true, .page = page}, any())
                      ->value.rows.size();
              });
    });
    EXPECT_EQ(read.scans, 0);
    EXPECT_GE(read.rows, 60);
    EXPECT_LE(read.rows, rows_max);
}

TEST_F(ProjectionsPlans, sales_by_day) {
    const auto read = reads_of("sales_by_day_v1", [&](Reading& reading) {
        pages({"1500", "EUR"}, [&](const KeysetPage& page) {
            return sales::report(reading, {.descending = true, .page = page}, any())
                ->value.rows.size();
        });
    });
    EXPECT_EQ(read.scans, 0);
    EXPECT_GE(read.rows, 60);
    EXPECT_LE(read.rows, rows_max * partitions);
}

}  // namespace
}  // namespace skald::tests
