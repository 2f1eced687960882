// A million orders: whatever the read side asks, no statement reads a table from end to end, and
// what is one page or one thing costs thousands of rows at most, wherever in the list it is and
// whatever PostgreSQL believes of the tables: they are read before ANALYZE, and behind it.
#include <gtest/gtest.h>

#include "projections/accounts/queries.h"
#include "projections/best_sellers/queries.h"
#include "projections/carts/queries.h"
#include "projections/migrations/migrations.h"
#include "projections/orders/queries.h"
#include "projections/payments/queries.h"
#include "projections/products/queries.h"
#include "projections/sales/queries.h"
#include "projections/stock_levels/queries.h"
#include "tests/integration/projections/shop_log.h"
#include "tests/integration/projections/table_reads.h"

namespace skald::tests {
namespace {

using namespace projections;
using std::chrono::steady_clock;

constexpr std::int32_t partitions = 12;
constexpr std::int64_t rows_max = 10'000;  // of four pages of a hundred, or one thing

// Every tenth order is of the account `big`, the others are of 90 000 accounts, about ten each; one
// in 10 000 is pending.
constexpr std::string_view seed = R"(
INSERT INTO skald_read.orders_v1
SELECT 'o' || i, CASE WHEN i % 10 = 0 THEN 'big' ELSE 'a' || i % 100000 END,
       CASE WHEN i % 10000 = 0 THEN 'pending' ELSE 'completed' END, NULL, i, 0, 0, 'EUR', 'card-ok',
       NULL, 1, 1, timestamptz '2020-01-01' + i * interval '1 minute', now(), i % 12, i, 1
FROM generate_series(1, 1000000) AS i;
INSERT INTO skald_read.order_lines_v1
SELECT 'o' || i, 'S' || i % 1000, 1, 'T', NULL, 1, i, i, 'EUR', true, 0, 0, 0, i % 12, i, 1
FROM generate_series(1, 1000000) AS i;
INSERT INTO skald_read.order_timeline_v1
SELECT 'o' || i, 1, 'order.placed', now(), NULL, 0, i % 12, i, 1
FROM generate_series(1, 1000000) AS i;
INSERT INTO skald_read.order_portions_v1
SELECT 'o' || i, 1, 'S1', 1, i % 12, i, 1 FROM generate_series(1, 200000) AS i;
INSERT INTO skald_read.payments_v1
SELECT 'o' || i || '.1', 'o' || i, 'card-ok', 1, 'EUR', 'none', NULL, 0, false, 0, 0, 1, now(),
       now(), i % 12, i, 1
FROM generate_series(1, 200000) AS i;
INSERT INTO skald_read.payment_movements_v1
SELECT 'o' || i || '.1', 1, 'payment.authorised', now(), 1, NULL, i % 12, i, 1
FROM generate_series(1, 200000) AS i;
INSERT INTO skald_read.products_v1
SELECT 'S' || i, 'Title ' || i, 'D' || i % 20, 'C' || i % 50, 'B' || i % 100, i, 'EUR', true,
       i % 10 = 0, 1, timestamptz '2020-01-01' + i * interval '1 minute', now(), i % 12, i, 1
FROM generate_series(1, 100000) AS i;
INSERT INTO skald_read.stock_levels_v1
SELECT 'S' || i, 1, 0, 0, 1, now(), i % 12, i, 1 FROM generate_series(1, 100000) AS i;
INSERT INTO skald_read.carts_v1
SELECT 'c' || i, NULL, NULL, 1, now(), now(), i % 12, i, 1 FROM generate_series(1, 200000) AS i;
INSERT INTO skald_read.cart_items_v1
SELECT 'c' || i, 'S1', 1, i % 12, i, 1 FROM generate_series(1, 200000) AS i;
INSERT INTO skald_read.accounts_v1
SELECT 'a' || i, 'x', 'N', 1, timestamptz '2020-01-01' + i * interval '1 minute', now(),
       i % 12, i, 1
FROM generate_series(1, 200000) AS i;
INSERT INTO skald_read.sales_by_day_v1
SELECT 'placed', date '2020-01-01' + i, 'EUR', 1, 1, 1, p, 1, 1
FROM generate_series(0, 1999) AS i, generate_series(0, 11) AS p;
INSERT INTO skald_read.sales_by_department_v1
SELECT 'placed', 'D' || d, date '2020-01-01' + i, 'EUR', 1, 1, 1, p, 1, 1
FROM generate_series(0, 199) AS i, generate_series(0, 11) AS p, generate_series(0, 19) AS d;
INSERT INTO skald_read.sales_by_sku_v1
SELECT 'placed', 'S' || s, date '2020-01-01' + i, 'EUR', 1, 1, 1, s % 12, 1, 1
FROM generate_series(0, 99) AS i, generate_series(0, 4999) AS s)";

class ReadModelsAtScale : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        database = std::make_unique<Database>(partitions, migrations());
        shop = std::make_unique<ShopLog>(*database, partitions);
        pq::Connection owner(patient());
        // Nobody is to look at the tables before the test does.
        const auto tables = owner.query(
            "SELECT format('ALTER TABLE %I.%I SET UNLOGGED, SET (autovacuum_enabled = off)', "
            "schemaname, tablename) "
            "FROM pg_tables WHERE schemaname = 'skald_read'");
        for (int i = 0; i < tables.size(); ++i) owner.script(tables.text(i, 0));
        owner.script(seed);
    }
    static void TearDownTestSuite() {
        shop.reset();
        database.reset();
    }

    static pq::Settings patient() {
        auto settings = database->owner();
        settings.statement_timeout = settings.answer_timeout = std::chrono::minutes(5);
        return settings;
    }
    static ReadRequest any() { return {{}, steady_clock::now() + std::chrono::seconds(5)}; }

    // What the queries read, as the tables are believed to be when they were never looked at, and
    // as they are.
    template <class Queries>
    void expect_few(const char* what, Queries queries, std::int64_t most = rows_max) {
        for (const bool analyzed : {false, true}) {
            if (analyzed) pq::Connection(patient()).script("ANALYZE");
            const auto read =
                TableReads(*database, shop->progress(), partitions).of("%", [&](Reading& reading) {
                    queries(reading);
                });
            EXPECT_EQ(read.scans, 0) << what << ", analyzed: " << analyzed;
            EXPECT_EQ(read.scanned, 0) << what << ", analyzed: " << analyzed;
            EXPECT_GT(read.rows, 0) << what << ", analyzed: " << analyzed;
            EXPECT_LE(read.rows, most) << what << ", analyzed: " << analyzed;
        }
    }
    // The first page in each direction, and those beside a row far behind.
    template <class Ask>
    static void pages(const KeyValues& far, Ask ask) {
        for (const auto direction : {PageDirection::forward, PageDirection::backward}) {
            KeysetPage page{.limit = 100, .direction = direction, .after = {}};
            EXPECT_EQ(ask(page), 100u);
            page.after = far;
            EXPECT_EQ(ask(page), 100u);
        }
    }

    static inline std::unique_ptr<Database> database;
    static inline std::unique_ptr<ShopLog> shop;
};

TEST_F(ReadModelsAtScale, one_thing_by_its_id) {
    expect_few(
        "one of each",
        [](Reading& reading) {
            EXPECT_TRUE(orders::find(reading, kernel::OrderId("o500000"), any())->value);
            EXPECT_TRUE(payments::find(reading, kernel::PaymentId("o777.1"), any())->value);
            EXPECT_TRUE(products::find(reading, kernel::Sku("S777"), any())->value);
            EXPECT_TRUE(stock_levels::find(reading, kernel::Sku("S777"), any())->value);
            EXPECT_TRUE(carts::find(reading, kernel::CartId("c777"), any())->value);
            EXPECT_TRUE(accounts::find(reading, kernel::AccountId("a777"), any())->value);
        },
        100);
    expect_few(
        "sixty-four together",
        [](Reading& reading) {
            std::vector<AskedThing> some_orders;
            std::vector<AskedThing> some_products;
            for (int i = 1; i <= 64; ++i) {
                some_orders.push_back({"o" + std::to_string(i * 15'000), any()});
                some_products.push_back({"S" + std::to_string(i * 1500), any()});
            }
            for (const auto& one : orders::find_together(reading, some_orders))
                EXPECT_TRUE(one->value);
            for (const auto& one : products::find_together(reading, some_products))
                EXPECT_TRUE(one->value);
        },
        1000);
}

TEST_F(ReadModelsAtScale, orders_by_every_filter) {
    const auto from = kernel::Timestamp(1'577'836'800'000'000);  // 2020-01-01
    const auto to = kernel::Timestamp(1'609'459'200'000'000);    // 2021-01-01
    const KeyValues far{"1590000000000000", "o200000"};
    const auto pages_of = [&](const orders::Filter& filter, const KeyValues& place) {
        expect_few("orders", [&](Reading& reading) {
            pages(place, [&](const KeysetPage& page) {
                return orders::list(reading, {.filter = filter, .descending = true, .page = page},
                                    any())
                    ->value.rows.size();
            });
        });
    };
    const kernel::AccountId big("big");
    pages_of({}, far);
    pages_of({.account = big, .status = {}, .from = {}, .to = {}}, far);
    pages_of({.account = {}, .status = "completed", .from = {}, .to = {}}, far);
    pages_of({.account = {}, .status = {}, .from = from, .to = to}, far);
    pages_of({.account = big, .status = {}, .from = from, .to = to}, far);
    pages_of({.account = big, .status = "completed", .from = {}, .to = {}}, far);
    expect_few("few pending orders among many", [&](Reading& reading) {
        const orders::Filter pending{.account = {}, .status = "pending", .from = {}, .to = {}};
        const KeysetPage page{.limit = 100, .after = {}};
        EXPECT_EQ(
            orders::list(reading, {.filter = pending, .descending = true, .page = page}, any())
                ->value.rows.size(),
            100u);
    });
    expect_few("the few orders of one account", [&](Reading& reading) {
        const orders::Filter own{
            .account = kernel::AccountId("a777"), .status = {}, .from = {}, .to = {}};
        const KeysetPage page{.limit = 100, .after = {}};
        EXPECT_EQ(orders::list(reading, {.filter = own, .descending = true, .page = page}, any())
                      ->value.rows.size(),
                  10u);
    });
}

TEST_F(ReadModelsAtScale, products_in_every_order_behind_every_filter) {
    using products::SortBy;
    struct Sort {
        SortBy by;
        KeyValues far;
    };
    const Sort sorts[] = {{SortBy::created_at, {"1580800000000000", "S50000"}},
                          {SortBy::sku, {"S5"}},
                          {SortBy::price, {"50000", "S50000"}},
                          {SortBy::title, {"Title 5", "S5"}}};
    const products::Filter filters[] = {{},
                                        {.department = "D7", .category = {}, .brand = {}},
                                        {.department = {}, .category = "C7", .brand = {}},
                                        {.department = {}, .category = {}, .brand = "B7"},
                                        {.department = "D7", .category = "C7", .brand = "B7"}};
    for (const auto& filter : filters) {
        expect_few(
            "products, sixteen pages",
            [&](Reading& reading) {
                for (const auto& [by, far] : sorts)
                    pages(far, [&](const KeysetPage& page) {
                        return products::list(
                                   reading,
                                   {.filter = filter, .sort = by, .descending = true, .page = page},
                                   any())
                            ->value.rows.size();
                    });
            },
            4 * rows_max);
    }
}

TEST_F(ReadModelsAtScale, accounts_and_reports) {
    expect_few("accounts", [](Reading& reading) {
        pages({"1583800000000000", "a100000"}, [&](const KeysetPage& page) {
            return accounts::list(reading, {.descending = true, .page = page}, any())
                ->value.rows.size();
        });
    });
    // A group's rows are added up: days have one for each partition, a sku one for each day as
    // well.
    expect_few(
        "sales by day",
        [](Reading& reading) {
            pages({"19000", "EUR"}, [&](const KeysetPage& page) {
                return sales::report(reading, {.descending = true, .page = page}, any())
                    ->value.rows.size();
            });
        },
        2 * rows_max);
    expect_few("sales by sku", [](Reading& reading) {
        const KeysetPage page{.limit = 20, .after = KeyValues{"S3", "EUR"}};
        EXPECT_EQ(sales::report(reading, {.by = sales::GroupBy::sku, .page = page}, any())
                      ->value.rows.size(),
                  20u);
    });
    // Reports over all there is read all they add up, by index: that they are no whole scans is
    // what can be said of them.
    expect_few(
        "all departments, and the best sellers of a month",
        [](Reading& reading) {
            const KeysetPage page{.limit = 100, .after = {}};
            EXPECT_EQ(
                sales::report(reading, {.by = sales::GroupBy::department, .page = page}, any())
                    ->value.rows.size(),
                20u);
            const auto today = kernel::Day(18'262 + 99);  // the last day that has sales by sku
            EXPECT_EQ(best_sellers::top(reading, today, 30, 10, any())->value.size(), 10u);
        },
        1'000'000);
}

}  // namespace
}  // namespace skald::tests
