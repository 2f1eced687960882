// The verification of read models: silent while they are right, and finds each kind of damage.
#include "projections/verify/verify.h"

#include <gtest/gtest.h>

#include <thread>

#include "projections/best_sellers/ranking.h"
#include "projections/migrations/migrations.h"
#include "projections/redis/keys.h"
#include "tests/integration/projections/private_redis.h"
#include "tests/integration/projections/shop_log.h"

namespace skald::tests {
namespace {

using namespace projections;
using namespace std::chrono_literals;
using kernel::HoldId;
using kernel::Quantity;

constexpr std::int32_t partitions = 4;
constexpr kernel::Currency euro{"EUR"};

class ProjectionsVerify : public testing::Test {
  protected:
    ProjectionsVerify() {
        // Schema version 1 of product.created: sku V1, title Old, 199 euro cents.
        shop.raw("product", "V1", "product.created",
                 std::string("\x0a\x02V1\x12\x03Old\x28\xc7\x01"));
        shop.product(
            "V1", product::Described{.title = {}, .department = "D", .category = {}, .brand = {}});
        for (int i = 0; i < 12; ++i) {
            const auto sku = "S" + std::to_string(i);
            shop.simple_product(sku, 100 + i,
                                i % 3 == 0
                                    ? std::nullopt
                                    : std::optional<std::string>("D" + std::to_string(i % 3)));
            shop.stock(sku, stock::Received{Quantity::of(100), {}});
            shop.stock(sku, stock::Reserved{HoldId("h" + std::to_string(i)), Quantity::of(i + 1)});
            shop.stock(sku, stock::Reserved{HoldId("g" + std::to_string(i)), Quantity::of(2)});
            shop.stock(sku,
                       stock::Released{HoldId("g" + std::to_string(i)), Quantity::of(2), "late"});
        }
        shop.product("S3", product::PriceSet{{7, euro}});
        shop.product("S4", product::Archived{});
        shop.product("S6", product::ShippingSet{false});
        shop.stock("S5", stock::Allocated{HoldId("h5"), kernel::OrderId("o1"), Quantity::of(6)});
        shop.stock("S5", stock::Shipped{kernel::OrderId("o1"), Quantity::of(6)});
        shop.stock("S5", stock::Returned{kernel::OrderId("o1"), Quantity::of(1)});
        shop.stock("S6", stock::Adjusted{Quantity::of(-5), "broken"});
        for (int i = 0; i < 6; ++i)
            shop.account(
                "a" + std::to_string(i),
                account::Registered{kernel::EmailAddress("p" + std::to_string(i) + "@x.org"),
                                    kernel::PersonName("Päivi")});
        shop.account("a1", account::EmailChanged{kernel::EmailAddress("new@x.org")});
        shop.account("a2", account::ProfileUpdated{kernel::PersonName("Ann")});
        shop.account("a3", account::Erased{});
        for (int i = 0; i < 20; ++i)
            shop.simple_order(
                "o" + std::to_string(i), "a" + std::to_string(i % 6), 1'000'000'007LL * i * 600'000,
                {{"S" + std::to_string(i % 12), i + 1}, {"S" + std::to_string((i + 3) % 12), 2}});
        shop.order("o1", order::Confirmed{kernel::PaymentId("o1.1")});
        shop.order("o2", order::Rejected{"out_of_stock", {}});
        shop.order("o3", order::CancelRequested{"changed my mind", kernel::Timestamp(5)});
        shop.order("o4", order::CancelRequested{"changed my mind", kernel::Timestamp(5)});
        shop.order("o4", order::Cancelled{{0, euro}});
        shop.order("o1", order::Completed{});
        shop.stock("S6", stock::Allocated{HoldId("h6"), kernel::OrderId("o2"), Quantity::of(7)});
        shop.stock("S6", stock::Unallocated{kernel::OrderId("o2"), Quantity::of(7)});
        shop.project();
    }

    using Patience = std::optional<std::chrono::milliseconds>;
    // Without patience nothing has to be as far as the log.
    VerifyReport verified(Patience patience = std::nullopt) {
        return verify({.reader = database.reader(),
                       .redis = {},
                       .redis_space = "",
                       .progress = {},
                       .patience = patience});
    }
    VerifyReport verified_with_redis(Patience patience = std::nullopt) {
        return verify({.reader = database.reader(),
                       .redis = redis::Settings{.address = server().address()},
                       .redis_space = "t",
                       .progress = {},
                       .patience = patience});
    }
    // The checks that found something, as "name differences: first".
    static std::string findings(const VerifyReport& report) {
        std::string text;
        for (const auto& check : report.checks)
            if (check.differences != 0)
                text += check.name + " " + std::to_string(check.differences) + ": " +
                        check.first_difference + "\n";
        return text;
    }
    PrivateRedis& server() {
        if (!server_) server_ = std::make_unique<PrivateRedis>();
        return *server_;
    }

    Database database{partitions, migrations()};
    ShopLog shop{database, partitions};
    std::unique_ptr<PrivateRedis> server_;
};

TEST_F(ProjectionsVerify, finds_nothing_where_nothing_is_wrong) {
    const auto report = verified();
    EXPECT_EQ(findings(report), "");
    EXPECT_EQ(report.parked_keys, 0);
    std::map<std::string, std::int64_t> found;
    std::int64_t events = 0;
    for (const auto& head : shop.heads()) events += head.value();
    EXPECT_EQ(report.events, events);
    for (const auto& check : report.checks) {
        EXPECT_EQ(check.expected, check.found) << check.name;
        found[check.name] = check.found;
    }
    EXPECT_EQ(found.at("receipts"), events);
    EXPECT_EQ(found.at("products"), 13);
    EXPECT_EQ(found.at("stock_levels"), 12);
    EXPECT_EQ(found.at("stock_holds"), 10);
    EXPECT_EQ(found.at("accounts"), 5);
    EXPECT_EQ(found.at("orders"), 20);
    EXPECT_EQ(found.at("order_lines"), 40);
    EXPECT_EQ(found.at("order_timeline"), 26);
    EXPECT_GT(found.at("sales_by_day"), 5);
    EXPECT_GT(found.at("sales_by_department"), 5);
    EXPECT_GT(found.at("sales_by_sku"), 20);
}

TEST_F(ProjectionsVerify, folds_only_what_each_projection_has_applied) {
    shop.simple_product("NEW", 1);
    shop.simple_order("new", "a1", 0, {{"NEW", 1}});
    shop.project("orders");
    EXPECT_EQ(findings(verified()), "");
    shop.project("products");
    EXPECT_EQ(findings(verified()), "");
}

TEST_F(ProjectionsVerify, leaves_parked_keys_out_and_counts_them) {
    shop.raw("product", "S3", "product.price_set", "\xff");
    shop.raw("order", "o3", "order.invented", "");
    shop.product("S3", product::Archived{});
    shop.stock("S3", stock::Received{Quantity::of(1), {}});
    shop.project();
    const auto report = verified();
    EXPECT_EQ(findings(report), "");
    EXPECT_EQ(report.parked_keys, 1 + 7);
}

TEST_F(ProjectionsVerify, finds_every_kind_of_damage_to_a_table) {
    struct Damage {
        const char* table;
        const char* sql;
        const char* name;
        int differences;
    };
    for (const auto& [table, sql, name, differences] :
         {Damage{"products_v1",
                 "UPDATE skald_read.products_v1 SET price_amount = 8 WHERE sku = 'S3'", "products",
                 1},
          Damage{"products_v1",
                 "UPDATE skald_read.products_v1 SET department = NULL WHERE sku = 'V1'", "products",
                 1},
          Damage{"products_v1", "DELETE FROM skald_read.products_v1 WHERE sku IN ('S1', 'S2')",
                 "products", 2},
          Damage{"products_v1",
                 "UPDATE skald_read.products_v1 SET archived = false WHERE sku = 'S4'", "products",
                 1},
          Damage{"products_v1", "UPDATE skald_read.products_v1 SET ships = true WHERE sku = 'S6'",
                 "products", 1},
          Damage{"stock_levels_v1",
                 "UPDATE skald_read.stock_levels_v1 SET on_hand = on_hand + 1 WHERE sku = 'S5'",
                 "stock_levels", 1},
          Damage{"stock_levels_v1",
                 "UPDATE skald_read.stock_levels_v1 SET held = held - 1, allocated = allocated + 1 "
                 "WHERE sku = 'S0'",
                 "stock_levels", 1},
          Damage{"stock_holds_v1", "DELETE FROM skald_read.stock_holds_v1 WHERE hold = 'h1'",
                 "stock_holds", 1},
          Damage{"stock_holds_v1",
                 "INSERT INTO skald_read.stock_holds_v1 SELECT sku, 'leaked', quantity, held_at, "
                 "partition, position, revision FROM skald_read.stock_holds_v1 WHERE hold = 'h1'",
                 "stock_holds", 1},
          Damage{"accounts_v1",
                 "UPDATE skald_read.accounts_v1 SET email = 'p1@x.org' WHERE id = 'a1'", "accounts",
                 1},
          Damage{"accounts_v1",
                 "INSERT INTO skald_read.accounts_v1 SELECT 'a3', email, name, version, "
                 "created_at, updated_at, partition, position, revision FROM "
                 "skald_read.accounts_v1 WHERE id = 'a2'",
                 "accounts", 1},
          Damage{"orders_v1", "UPDATE skald_read.orders_v1 SET status = 'shipped' WHERE id = 'o7'",
                 "orders", 1},
          Damage{"order_lines_v1",
                 "UPDATE skald_read.order_lines_v1 SET quantity = quantity + 1 WHERE order_id = "
                 "'o7' AND line = 2",
                 "order_lines", 1},
          Damage{"order_timeline_v1",
                 "DELETE FROM skald_read.order_timeline_v1 WHERE order_id = 'o7'", "order_timeline",
                 1},
          Damage{"sales_by_day_v1",
                 "UPDATE skald_read.sales_by_day_v1 SET revenue = revenue + 1 WHERE day = (SELECT "
                 "min(day) FROM skald_read.sales_by_day_v1)",
                 "sales_by_day", 1},
          Damage{"sales_by_department_v1",
                 "UPDATE skald_read.sales_by_department_v1 SET orders = orders + 1 WHERE ctid = "
                 "(SELECT min(ctid) FROM skald_read.sales_by_department_v1)",
                 "sales_by_department", 1},
          Damage{"sales_by_sku_v1",
                 "UPDATE skald_read.sales_by_sku_v1 SET units = units - 1 WHERE ctid = (SELECT "
                 "min(ctid) FROM skald_read.sales_by_sku_v1)",
                 "sales_by_sku", 1}}) {
        auto& admin = database.admin();
        const std::string whole = std::string("skald_read.") + table;
        admin.script("CREATE TABLE kept AS TABLE " + whole);
        admin.script(sql);
        const auto text = findings(verified());
        EXPECT_TRUE(text.starts_with(std::string(name) + " " + std::to_string(differences) + ": "))
            << sql << "\n"
            << text;
        EXPECT_EQ(std::ranges::count(text, '\n'), 1) << sql << "\n" << text;
        EXPECT_EQ(text.find("x.org"), std::string::npos) << "personal data in a finding";
        admin.script("DELETE FROM " + whole + "; INSERT INTO " + whole +
                     " TABLE kept; DROP TABLE kept");
    }
    EXPECT_EQ(findings(verified()), "");
}

// A fold that goes only as far as a cursor is right wherever the cursor stands still.
TEST_F(ProjectionsVerify, finds_a_projector_that_stands_still) {
    EXPECT_EQ(findings(verified(100ms)), "");
    shop.simple_product("NEW", 1);
    shop.flush();
    shop.project("products");
    const auto text = findings(verified(100ms));
    EXPECT_TRUE(text.starts_with("cursors 6: accounts, partition ")) << text;
    std::jthread late([&] {
        std::this_thread::sleep_for(300ms);  // sleep: the verification has to be waiting by then
        shop.project();
    });
    EXPECT_EQ(findings(verified(20s)), "");
}

// What waits behind a parked key is in no table: lost, it is missed when the key is released.
TEST_F(ProjectionsVerify, finds_what_waits_behind_a_parked_key_and_differs_from_the_log) {
    shop.raw("product", "S3", "product.price_set", "\xff");
    shop.product("S3", product::Archived{});
    shop.stock("S3", stock::Received{Quantity::of(1), {}});
    shop.project();
    ASSERT_EQ(findings(verified(100ms)), "");
    for (const auto* damage :
         {"DELETE FROM skald.parked_events WHERE type = 'product.archived'",
          "UPDATE skald.parked_events SET data = 'x' WHERE type = 'product.archived'",
          "INSERT INTO skald.parked_events SELECT name, version, 'S4', position, partition, "
          "stream, "
          "stream_version, type, schema_version, event_id, recorded_at, data FROM "
          "skald.parked_events WHERE type = 'product.archived'"}) {
        auto& admin = database.admin();
        admin.script("CREATE TABLE kept AS TABLE skald.parked_events");
        admin.script(damage);
        const auto text = findings(verified());
        EXPECT_TRUE(text.starts_with("parked_events 1: products S")) << damage << "\n" << text;
        EXPECT_EQ(std::ranges::count(text, '\n'), 1) << damage << "\n" << text;
        admin.script(
            "DELETE FROM skald.parked_events; INSERT INTO skald.parked_events TABLE kept; "
            "DROP TABLE kept");
    }
}

TEST_F(ProjectionsVerify, takes_nothing_for_a_difference_that_is_none) {
    // Six characters, which JSON writes with two backslashes; a NUL it writes with one.
    shop.product(
        "S1", product::Described{
                  .title = "a \\u0000 b", .department = {}, .category = {}, .brand = "\\\\u0000"});
    // The id of a hold that ended may be used again.
    shop.stock("S2", stock::Reserved{HoldId("again"), Quantity::of(1)});
    shop.stock("S2", stock::Released{HoldId("again"), Quantity::of(1), "late"});
    shop.stock("S2", stock::Reserved{HoldId("again"), Quantity::of(3)});
    shop.project();
    EXPECT_EQ(findings(verified()), "");
}

TEST_F(ProjectionsVerify, finds_a_mirror_that_answers_for_what_it_is_not) {
    PgPool pool(database.reader(), 2);
    Reading reading{pool, shop.progress(), partitions, nullptr};
    redis::Client client({.address = server().address()});
    const auto feed = [&] {
        client.command({"FLUSHALL"});
        for (auto& one : redis_feeds(reading, database.reader(), "t"))
            while (one->feed(client)) {
            }
    };
    feed();
    ASSERT_EQ(findings(verified_with_redis(100ms)), "");
    const auto live = redis::live_key("t", "products", 2);
    const auto own = eventstore::partition_of("S1", partitions);
    const auto hash = redis::partition_key(
        live, eventstore::to_text(live_version(database.admin(), "products")->generation), own);
    const auto says = "products in Redis 1: partition " + std::to_string(own.value()) + ": Redis ";
    const auto cursor = client.command({"HGET", hash, "=cursor"}).text().value();
    const auto revision = cursor.substr(0, cursor.find(' '));
    struct Damage {
        std::vector<std::string> command;
        std::string finding;
    };
    for (const auto& [command, finding] :
         {Damage{{"SET", live, "another"},
                 "products in Redis 1: Redis answers from another generation than the live one"},
          Damage{{"HSET", hash, "=cursor", revision + " 1"}, says + "says it is at position 1, "},
          Damage{{"HSET", hash, "=cursor", revision + " 1000"},
                 says + "is ahead of PostgreSQL, at position 1000"},
          Damage{{"HSET", hash, "=parked", R"({"S1":["refused","x"]})"},
                 says + "holds back other keys than PostgreSQL"}}) {
        client.command(command);
        const auto text = findings(verified_with_redis(100ms));
        EXPECT_TRUE(text.starts_with(finding)) << text;
        feed();
    }
    shop.product("S1", product::PriceSet{{9, euro}});
    shop.project();
    const auto text = findings(verified_with_redis(100ms));
    EXPECT_NE(text.find(says + "answers from position "), std::string::npos) << text;
    client.command({"DEL", live, redis::live_key("t", "stock_levels", 1),
                    redis::live_key("t", "orders", find_projection("orders")->definition)});
    EXPECT_EQ(findings(verified_with_redis(100ms)), "") << "nobody asks a mirror without a name";
}

TEST_F(ProjectionsVerify, finds_receipts_that_do_not_fit_their_events) {
    auto& admin = database.admin();
    admin.script("UPDATE skald.commands SET count = 2 WHERE stream = 'product-S1'");
    EXPECT_TRUE(findings(verified()).starts_with("receipts 1: receipt "));
    admin.script("UPDATE skald.commands SET count = 1 WHERE stream = 'product-S1'");
    admin.script("DELETE FROM skald.commands WHERE stream = 'product-S1'");
    EXPECT_TRUE(findings(verified()).starts_with("receipts 1: events without a receipt: command "));
}

TEST_F(ProjectionsVerify, compares_redis_with_postgresql) {
    PgPool pool(database.reader(), 2);
    Reading reading{pool, shop.progress(), partitions, nullptr};
    redis::Client client({.address = server().address()});
    const auto feed = [&] {
        for (auto& one : redis_feeds(reading, database.reader(), "t"))
            while (one->feed(client)) {
            }
    };
    auto report = verified_with_redis();
    EXPECT_EQ(findings(report), "") << "an empty Redis is not wrong";
    feed();
    report = verified_with_redis();
    EXPECT_EQ(findings(report), "");
    EXPECT_EQ(report.checks.at(report.checks.size() - 3).found, 13);
    EXPECT_EQ(report.checks.at(report.checks.size() - 2).found, 12);
    EXPECT_EQ(report.checks.back().found, 3);

    shop.product("S1", product::PriceSet{{9, euro}});
    shop.project();
    EXPECT_EQ(findings(verified_with_redis()), "") << "a mirror that is behind is not wrong";

    const auto hash_of = [&](const std::string& projection, const std::string& sku) {
        const auto live = live_version(database.admin(), projection);
        return redis::partition_key(
            redis::live_key("t", projection, find_projection(projection)->definition),
            eventstore::to_text(live->generation), eventstore::partition_of(sku, partitions));
    };
    client.command({"HDEL", hash_of("products", "S2"), "v:S2"});
    EXPECT_EQ(findings(verified_with_redis()), "products in Redis 1: S2: Redis does not have it\n");
    client.command({"HSET", hash_of("products", "S2"), "v:S2", "{}"});
    EXPECT_EQ(findings(verified_with_redis()),
              "products in Redis 1: S2: Redis has another value\n");
    client.command({"FLUSHALL"});
    feed();
    client.command({"HDEL", hash_of("orders", "o1"), "v:o1"});
    EXPECT_EQ(findings(verified_with_redis()), "") << "not all orders are there";
    const auto other = client.command({"HGET", hash_of("orders", "o3"), "v:o3"}).text().value();
    client.command({"HSET", hash_of("orders", "o1"), "v:o1", other});
    EXPECT_EQ(findings(verified_with_redis()), "orders in Redis 1: o1: Redis has another value\n");
    client.command({"FLUSHALL"});
    feed();
    client.command({"HSET", hash_of("stock_levels", "GHOST"), "v:GHOST", "{}"});
    EXPECT_EQ(findings(verified_with_redis()),
              "stock_levels in Redis 1: GHOST: PostgreSQL does not have it\n");
    client.command({"FLUSHALL"});
    feed();
    auto ranking = best_sellers::from_json(
        *client.command({"HGET", redis::best_sellers_key("t"), "30"}).text());
    ranking.rows.push_back({kernel::Sku("S1"), 1, 1});
    client.command({"HSET", redis::best_sellers_key("t"), "30", best_sellers::to_json(ranking)});
    EXPECT_EQ(findings(verified_with_redis()), "best_sellers in Redis 1: the ranking of 30 days\n");
}

}  // namespace
}  // namespace skald::tests
