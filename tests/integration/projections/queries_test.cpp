// The read models' queries on a real PostgreSQL: what they answer, how new it is, and their pages.
#include "projections/accounts/queries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "projections/best_sellers/queries.h"
#include "projections/migrations/migrations.h"
#include "projections/orders/queries.h"
#include "projections/products/queries.h"
#include "projections/sales/queries.h"
#include "projections/stock_levels/queries.h"
#include "tests/integration/projections/shop_log.h"

namespace skald::tests {
namespace {

using namespace projections;
using namespace std::chrono_literals;
using eventstore::partition_of;
using std::chrono::steady_clock;

constexpr std::int32_t partitions = 8;
constexpr std::int64_t day_us = 86'400'000'000;
constexpr kernel::Currency euro{"EUR"};

class ProjectionsQueries : public testing::Test {
  protected:
    static ReadRequest any() { return {{}, steady_clock::now() + 2s}; }
    static ReadRequest within(Heads wanted, std::chrono::milliseconds patience) {
        return {std::move(wanted), steady_clock::now() + patience};
    }
    std::string text(const std::string& sql) { return database.admin().query(sql).text(0, 0); }

    Database database{partitions, migrations()};
    ShopLog shop{database, partitions};
    PgPool pool{database.reader(), 4};
    Reading reading{pool, shop.progress(), partitions, nullptr};
};

TEST_F(ProjectionsQueries, a_product_with_all_that_happened_to_it) {
    shop.product("A",
                 product::Created{kernel::Sku("A"), "Tea", "GROCERY", "HOT", "Leaf", {250, euro}});
    shop.product("A", product::Described{
                          .title = "Green tea", .department = {}, .category = "TEA", .brand = {}});
    shop.product("A", product::PriceSet{{300, euro}});
    shop.product("A", product::ShippingSet{false});
    shop.product("B", product::Created{kernel::Sku("B"), "Plain", {}, {}, {}, {1, euro}});
    shop.product("B", product::Archived{});
    shop.project();
    const auto a = products::find(reading, kernel::Sku("A"), any());
    ASSERT_TRUE(a && a->value);
    EXPECT_EQ(a->value->title, "Green tea");
    EXPECT_EQ(a->value->department, "GROCERY");
    EXPECT_EQ(a->value->category, "TEA");
    EXPECT_EQ(a->value->brand, "Leaf");
    EXPECT_EQ(a->value->price, (kernel::Money{300, euro}));
    EXPECT_FALSE(a->value->archived || a->value->ships);
    EXPECT_EQ(a->value->version, eventstore::Version(4));
    EXPECT_GE(a->value->updated_at, a->value->created_at);
    const auto b = products::find(reading, kernel::Sku("B"), any());
    EXPECT_TRUE(b->value->archived && b->value->ships);
    EXPECT_EQ(b->value->department, std::nullopt);
    EXPECT_EQ(products::find(reading, kernel::Sku("C"), any())->value, std::nullopt);
    const auto list = products::list(reading, {}, any());
    ASSERT_EQ(list->value.rows.size(), 1u);
    EXPECT_EQ(list->value.rows[0], *a->value);
}

TEST_F(ProjectionsQueries, single_things_tell_the_heads_of_their_partition_only_and_lists_of_all) {
    shop.simple_product("A", 1);
    shop.simple_product("B", 1);
    shop.project();
    const auto partition = static_cast<std::size_t>(partition_of("A", partitions).value());
    const auto one = products::find(reading, kernel::Sku("A"), any());
    for (std::size_t p = 0; p < partitions; ++p)
        EXPECT_EQ(one->heads.at(p), p == partition ? shop.heads()[p] : Position(0)) << p;
    EXPECT_EQ(products::list(reading, {}, any())->heads, shop.heads());
}

TEST_F(ProjectionsQueries, stock_through_the_life_of_holds) {
    using kernel::HoldId;
    using kernel::OrderId;
    using kernel::Quantity;
    shop.stock("A", stock::Received{Quantity::of(10), "note"});
    shop.stock("A", stock::Reserved{HoldId("h1"), Quantity::of(3)});
    shop.stock("A", stock::Reserved{HoldId("h2"), Quantity::of(2)});
    shop.stock("A", stock::Reserved{HoldId("h3"), Quantity::of(1)});
    shop.stock("A", stock::Released{HoldId("h2"), Quantity::of(2), "gone"});
    shop.stock("A", stock::Allocated{HoldId("h1"), OrderId("o"), Quantity::of(3)});
    shop.stock("A", stock::Shipped{OrderId("o"), Quantity::of(2)});
    shop.stock("A", stock::Returned{OrderId("o"), Quantity::of(1)});
    shop.stock("A", stock::Adjusted{Quantity::of(-1), "broken"});
    shop.project("", 2);
    const auto level = stock_levels::find(reading, kernel::Sku("A"), any());
    EXPECT_EQ(*level->value,
              (stock_levels::StockLevel{kernel::Sku("A"), 8, 1, 1, eventstore::Version(9)}));
    EXPECT_EQ(level->value->available(), 6);
    EXPECT_EQ(
        text("SELECT string_agg(hold || ' ' || quantity, ', ') FROM skald_read.stock_holds_v1"),
        "h3 1");
}

TEST_F(ProjectionsQueries, accounts_change_and_are_erased) {
    using kernel::EmailAddress;
    using kernel::PersonName;
    shop.account("a1", account::Registered{EmailAddress("a@x.org"), PersonName("Ann")});
    shop.account("a2", account::Registered{EmailAddress("b@x.org"), PersonName("Bob")});
    shop.account("a1", account::EmailChanged{EmailAddress("ann@x.org")});
    shop.account("a1", account::ProfileUpdated{PersonName("Anna")});
    shop.account("a2", account::Erased{});
    shop.project();
    const auto ann = accounts::find(reading, kernel::AccountId("a1"), any());
    EXPECT_EQ(ann->value->email.value(), "ann@x.org");
    EXPECT_EQ(ann->value->name.value(), "Anna");
    EXPECT_EQ(ann->value->version, eventstore::Version(3));
    EXPECT_EQ(accounts::find(reading, kernel::AccountId("a2"), any())->value, std::nullopt);
    EXPECT_EQ(accounts::list(reading, {}, any())->value.rows.size(), 1u);
}

TEST_F(ProjectionsQueries, an_order_with_lines_and_timeline) {
    shop.simple_product("A", 250, "GROCERY");
    shop.simple_product("B", 99);
    shop.simple_order("o1", "a1", 5 * day_us, {{"B", 2}, {"A", 3}});
    shop.project();
    const auto found = orders::find(reading, kernel::OrderId("o1"), any());
    ASSERT_TRUE(found && found->value);
    const auto& order = *found->value;
    EXPECT_EQ(order.account.value(), "a1");
    EXPECT_EQ(order.status, "pending");
    EXPECT_EQ(order.reason, std::nullopt);
    EXPECT_EQ(order.total, (kernel::Money{948, euro}));
    EXPECT_EQ(order.payment_method, "card-ok");
    EXPECT_EQ(order.line_count, 2);
    EXPECT_EQ(order.placed_at, kernel::Timestamp(5 * day_us));
    const orders::Line b{kernel::Sku("B"), "Title of B", {}, 2, {99, euro}, {198, euro}};
    const orders::Line a{kernel::Sku("A"), "Title of A", "GROCERY", 3, {250, euro}, {750, euro}};
    EXPECT_EQ(order.lines, (std::vector{b, a}));
    EXPECT_EQ(order.timeline,
              (std::vector<orders::Happening>{{"order.placed", order.placed_at, {}}}));
}

// Walks a list page by page to its end and back, and returns what it saw on both ways.
template <class Row, class Ask>
std::pair<std::vector<Row>, std::vector<Row>> there_and_back(std::int32_t limit, Ask ask) {
    std::pair<std::vector<Row>, std::vector<Row>> seen;
    KeysetPage page{.limit = limit, .direction = PageDirection::forward, .after = {}};
    Page<Row> last;
    for (bool more = true; more;) {
        last = ask(page);
        EXPECT_LE(last.rows.size(), static_cast<std::size_t>(limit));
        EXPECT_EQ(last.has_prev, page.after.has_value());
        seen.first.insert(seen.first.end(), last.rows.begin(), last.rows.end());
        page.after = last.last;
        more = last.has_next;
    }
    seen.second = last.rows;
    page.direction = PageDirection::backward;
    while (last.has_prev) {
        page.after = last.first;
        last = ask(page);
        EXPECT_TRUE(last.has_next);
        seen.second.insert(seen.second.begin(), last.rows.begin(), last.rows.end());
    }
    return seen;
}

TEST_F(ProjectionsQueries, pages_of_products_in_every_order_with_ties_there_and_back) {
    for (int i = 0; i < 23; ++i) {
        const auto sku = "S" + std::to_string(i);
        shop.product(sku, product::Created{kernel::Sku(sku),
                                           "Title " + std::to_string(i % 4),
                                           i % 2 == 0 ? "EVEN" : "ODD",
                                           {},
                                           {},
                                           {100 + i % 3, euro}});
    }
    shop.product("S7", product::Archived{});
    shop.project();
    using products::SortBy;
    for (const auto sort : {SortBy::created_at, SortBy::sku, SortBy::price, SortBy::title}) {
        for (const bool descending : {false, true}) {
            for (const bool filtered : {false, true}) {
                products::Listing listing{
                    .filter = {}, .sort = sort, .descending = descending, .page = {}};
                if (filtered) listing.filter.department = "ODD";
                const auto ask = [&](const KeysetPage& page) {
                    listing.page = page;
                    return products::list(reading, listing, any())->value;
                };
                const auto [there, back] = there_and_back<products::Product>(5, ask);
                EXPECT_EQ(there.size(), filtered ? 10u : 22u);
                EXPECT_EQ(there, back);
                const auto key = [&](const products::Product& p) {
                    const auto created = sort == SortBy::created_at ? p.created_at.value() : 0;
                    const auto price = sort == SortBy::price ? p.price.amount : 0;
                    const auto title = sort == SortBy::title ? p.title : "";
                    return std::tuple(created, price, title, p.sku.value());
                };
                const bool sorted = descending
                                        ? std::ranges::is_sorted(there, std::ranges::greater(), key)
                                        : std::ranges::is_sorted(there, std::ranges::less(), key);
                EXPECT_TRUE(sorted) << static_cast<int>(sort) << descending;
            }
        }
    }
}

TEST_F(ProjectionsQueries, pages_of_orders_by_account_status_and_time) {
    shop.simple_product("A", 1);
    for (int i = 0; i < 12; ++i)
        shop.simple_order("o" + std::to_string(i), i % 3 == 0 ? "ann" : "bob", (i / 2) * day_us,
                          {{"A", 1}});
    shop.project();
    struct Case {
        const char* why;
        orders::Filter filter;
        std::size_t count;
    };
    const kernel::Timestamp day1(day_us), day4(4 * day_us);
    for (const auto& [why, filter, count] :
         {Case{"all", {}, 12},
          Case{"account",
               {.account = kernel::AccountId("ann"), .status = {}, .from = {}, .to = {}},
               4},
          Case{"status", {.account = {}, .status = "pending", .from = {}, .to = {}}, 12},
          Case{"other status", {.account = {}, .status = "shipped", .from = {}, .to = {}}, 0},
          Case{"time, from inclusive and to exclusive",
               {.account = {}, .status = {}, .from = day1, .to = day4},
               6},
          Case{"all at once",
               {.account = kernel::AccountId("bob"), .status = "pending", .from = day1, .to = day4},
               4}}) {
        orders::Listing listing{.filter = filter, .descending = true, .page = {}};
        const auto ask = [&](const KeysetPage& page) {
            listing.page = page;
            return orders::list(reading, listing, any())->value;
        };
        const auto [there, back] = there_and_back<orders::Order>(3, ask);
        EXPECT_EQ(there.size(), count) << why;
        EXPECT_EQ(there, back) << why;
        EXPECT_TRUE(std::ranges::is_sorted(
            there, std::ranges::greater(),
            [](const orders::Order& o) { return std::pair(o.placed_at, o.id); }))
            << why;
    }
}

TEST_F(ProjectionsQueries, sales_by_day_department_and_sku) {
    shop.simple_product("A", 100, "GROCERY");
    shop.simple_product("B", 10, "GROCERY");
    shop.simple_product("C", 1);
    shop.simple_order("o1", "ann", 10 * day_us, {{"A", 1}, {"B", 2}, {"C", 3}});
    shop.simple_order("o2", "bob", 10 * day_us + 1, {{"B", 5}});
    shop.simple_order("o3", "bob", 12 * day_us, {{"C", 7}});
    shop.project();
    using sales::GroupBy;
    const auto report = [&](GroupBy by, std::optional<kernel::Day> from = {},
                            std::optional<kernel::Day> to = {}) {
        std::string text;
        const auto page = sales::report(reading, {.by = by, .from = from, .to = to}, any());
        for (const auto& row : page->value.rows) {
            text += row.day   ? std::to_string(row.day->value())
                    : row.sku ? row.sku->value()
                              : row.department.value_or("none");
            text += " " + std::to_string(row.orders) + " " + std::to_string(row.units) + " " +
                    std::to_string(row.revenue.amount) + std::string(row.revenue.currency.code()) +
                    "; ";
        }
        return text;
    };
    EXPECT_EQ(report(GroupBy::day), "10 2 11 173EUR; 12 1 7 7EUR; ");
    EXPECT_EQ(report(GroupBy::department), "none 2 10 10EUR; GROCERY 2 8 170EUR; ");
    EXPECT_EQ(report(GroupBy::sku), "A 1 1 100EUR; B 2 7 70EUR; C 2 10 10EUR; ");
    EXPECT_EQ(report(GroupBy::sku, kernel::Day(11)), "C 1 7 7EUR; ");
    EXPECT_EQ(report(GroupBy::department, {}, kernel::Day(12)),
              "none 1 3 3EUR; GROCERY 2 8 170EUR; ");
    EXPECT_EQ(report(GroupBy::day, kernel::Day(11), kernel::Day(12)), "");

    for (const auto by : {GroupBy::day, GroupBy::department, GroupBy::sku}) {
        for (const bool descending : {false, true}) {
            const auto ask = [&](const KeysetPage& page) {
                return sales::report(reading, {.by = by, .descending = descending, .page = page},
                                     any())
                    ->value;
            };
            const auto [there, back] = there_and_back<sales::Row>(1, ask);
            EXPECT_EQ(there.size(), by == GroupBy::sku ? 3u : 2u);
            EXPECT_EQ(there, back);
        }
    }
}

TEST_F(ProjectionsQueries, best_sellers_of_the_last_days_over_all_partitions) {
    for (const auto* sku : {"A", "B", "C", "D"}) shop.simple_product(sku, 1);
    for (int i = 0; i < 20; ++i)
        shop.simple_order("o" + std::to_string(i), "ann", 99 * day_us,
                          {{"A", 1}, {"B", 2}, {"C", 2}});
    shop.simple_order("old", "ann", 93 * day_us, {{"D", 1000}});
    shop.simple_order("older", "ann", 92 * day_us, {{"A", 1000}});
    shop.project();
    const kernel::Day today(99);
    const auto top = [&](std::int32_t days, std::int32_t limit) {
        std::string text;
        const auto answer = best_sellers::top(reading, today, days, limit, any());
        for (const auto& row : answer->value)
            text += row.sku.value() + " " + std::to_string(row.orders) + " " +
                    std::to_string(row.units) + "; ";
        return text;
    };
    EXPECT_EQ(top(1, 10), "B 20 40; C 20 40; A 20 20; ");
    EXPECT_EQ(top(6, 10), "B 20 40; C 20 40; A 20 20; ");
    EXPECT_EQ(top(7, 2), "D 1 1000; B 20 40; ");
    EXPECT_EQ(top(8, 1), "A 21 1020; ");
}

TEST_F(ProjectionsQueries, a_query_waits_for_what_it_wants_and_says_how_far_behind_it_is) {
    shop.simple_product("A", 1);
    shop.project();
    shop.product("A", product::PriceSet{{2, euro}});
    shop.flush();
    const auto wanted = shop.heads();
    const auto partition = partition_of("A", partitions);
    const auto own = wanted.at(static_cast<std::size_t>(partition.value()));
    const auto late = products::find(reading, kernel::Sku("A"), within(wanted, 30ms));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error(), (Lagging{"products", partition, own, own - 1}));
    EXPECT_FALSE(products::list(reading, {}, within(wanted, 0ms)));

    std::jthread projector([&] {
        std::this_thread::sleep_for(50ms);  // sleep: the query has to be waiting by then
        shop.project("products");
    });
    const auto found = products::find(reading, kernel::Sku("A"), within(wanted, 5s));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->value->price.amount, 2);
}

TEST_F(ProjectionsQueries, a_single_thing_waits_for_its_own_partition_only) {
    shop.simple_product("A", 1);
    shop.project();
    auto wanted = shop.heads();
    const auto own = static_cast<std::size_t>(partition_of("A", partitions).value());
    for (std::size_t p = 0; p < wanted.size(); ++p)
        if (p != own) wanted[p] = wanted[p] + 1000;
    EXPECT_TRUE(products::find(reading, kernel::Sku("A"), within(wanted, 0ms)));
    EXPECT_FALSE(products::list(reading, {}, within(wanted, 0ms)));
}

TEST_F(ProjectionsQueries, an_answer_about_a_parked_key_says_so) {
    shop.simple_product("A", 1);
    shop.simple_product("B", 1);
    shop.raw("product", "A", "product.price_set", "\xff\xff");
    shop.raw("product", "B", "product.invented", "");
    shop.raw("order", "o9", "order.placed", "\xff");
    shop.project();
    const auto a = products::find(reading, kernel::Sku("A"), any());
    ASSERT_TRUE(a->parked);
    EXPECT_EQ(a->parked->reason, "undecodable");
    EXPECT_EQ(a->value->price.amount, 1);
    EXPECT_EQ(products::find(reading, kernel::Sku("B"), any())->parked->reason, "unknown_type");
    EXPECT_EQ(products::list(reading, {}, any())->parked_keys, 2);
    const auto order = orders::find(reading, kernel::OrderId("o9"), any());
    EXPECT_EQ(order->value, std::nullopt);
    ASSERT_TRUE(order->parked);
}

TEST_F(ProjectionsQueries, connections_that_went_stale_in_the_pool_are_replaced) {
    shop.simple_product("A", 1);
    shop.project();
    ASSERT_TRUE(products::find(reading, kernel::Sku("A"), any()));
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND backend_type = 'client backend'");
    EXPECT_TRUE(products::find(reading, kernel::Sku("A"), any())->value);
}

TEST_F(ProjectionsQueries, a_pool_that_is_all_in_use_is_waited_for_and_then_given_up) {
    PgPool small(database.reader(), 1);
    auto lease = std::make_unique<PgPool::Lease>(small.acquire(steady_clock::now() + 1s));
    EXPECT_THROW(small.acquire(steady_clock::now() + 20ms), eventstore::Unavailable);
    std::jthread other([&] {
        std::this_thread::sleep_for(20ms);  // sleep: the other one has to be waiting by then
        lease.reset();
    });
    EXPECT_NO_THROW(small.acquire(steady_clock::now() + 5s));
}

TEST_F(ProjectionsQueries, keys_of_another_sort_are_refused) {
    products::Listing listing;
    listing.page.after = KeyValues{"A"};
    EXPECT_THROW(products::list(reading, listing, any()), std::invalid_argument);
    listing.page.after = KeyValues{"yesterday", "A"};
    EXPECT_THROW(products::list(reading, listing, any()), std::invalid_argument);
}

}  // namespace
}  // namespace skald::tests
