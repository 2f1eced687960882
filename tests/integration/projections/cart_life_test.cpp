// What the carts read model makes of a cart's life: told by its query, the same after a rebuild,
// every difference found by the verification, and not in Redis. And the products of a cart, found
// all at once.
#include "projections/carts/projection.h"
#include "projections/carts/queries.h"
#include "projections/products/queries.h"
#include "projections/redis/cache.h"
#include "projections/verify/verify.h"
#include "tests/integration/projections/life_rig.h"
#include "tests/integration/projections/private_redis.h"

namespace skald::tests {
namespace {

using eventstore::Position;
using kernel::CartId;
using kernel::Portion;
using kernel::Sku;
using std::chrono::steady_clock;

class ProjectionsCartLife : public LifeRig {
  protected:
    ProjectionsCartLife() {
        for (const auto* id : {"bare", "full", "emptied", "ordered"})
            shop.cart(id, cart::Created{kernel::AccountId("ann")});
        shop.cart("guest", cart::Created{});
        for (const auto* id : {"full", "emptied", "ordered", "guest"}) {
            shop.cart(id, cart::ItemSet{Sku("B"), 1});
            shop.cart(id, cart::ItemSet{Sku("A"), 2});
        }
        shop.cart("full", cart::ItemSet{Sku("B"), 9});
        shop.cart("full", cart::ItemRemoved{Sku("A")});
        shop.cart("full", cart::ItemSet{Sku("A"), 5});
        for (const auto* sku : {"A", "B"}) shop.cart("emptied", cart::ItemRemoved{Sku(sku)});
        shop.cart("ordered", cart::CheckedOut{kernel::OrderId("o")});
        shop.project("", 3);
    }

    std::optional<projections::carts::Cart> found(const std::string& id) {
        return projections::carts::find(reading, CartId(id), {})->value;
    }
};

TEST_F(ProjectionsCartLife, a_cart_tells_what_is_in_it_and_what_it_became) {
    const auto full = found("full").value();
    EXPECT_EQ(full.account, kernel::AccountId("ann"));
    EXPECT_EQ(full.items, (std::vector<Portion>{{Sku("A"), 5}, {Sku("B"), 9}}));
    EXPECT_EQ(full.order, std::nullopt);
    EXPECT_EQ(full.version, eventstore::Version(6));
    EXPECT_GE(full.updated_at, full.created_at);
    EXPECT_EQ(found("guest")->account, std::nullopt);
    for (const auto* id : {"bare", "emptied"}) EXPECT_TRUE(found(id)->items.empty()) << id;
    EXPECT_EQ(found("ordered")->order, kernel::OrderId("o"));
    EXPECT_EQ(found("ordered")->items.size(), 2U);
    EXPECT_EQ(found("nowhere"), std::nullopt);
}

TEST_F(ProjectionsCartLife, carts_are_verified_in_all_that_they_tell) {
    EXPECT_EQ(findings(), "");
    finds("carts", {"UPDATE skald_read.carts_v1 SET account = 'bob' WHERE id = 'bare'",
                    "UPDATE skald_read.carts_v1 SET account = 'bob' WHERE id = 'guest'",
                    "UPDATE skald_read.carts_v1 SET order_id = NULL WHERE id = 'ordered'",
                    "UPDATE skald_read.carts_v1 SET version = 5 WHERE id = 'full'",
                    "DELETE FROM skald_read.carts_v1 WHERE id = 'emptied'"});
    finds("cart_items",
          {"UPDATE skald_read.cart_items_v1 SET quantity = 8 WHERE cart_id = 'full' AND sku = 'B'",
           "DELETE FROM skald_read.cart_items_v1 WHERE cart_id = 'ordered' AND sku = 'A'",
           "INSERT INTO skald_read.cart_items_v1 SELECT 'emptied', sku, quantity, partition, "
           "position, revision FROM skald_read.cart_items_v1 WHERE cart_id = 'full' AND "
           "sku = 'A'"});
}

TEST_F(ProjectionsCartLife, a_rebuild_of_carts_gives_the_same_rows) { rebuilds_the_same("carts"); }

TEST_F(ProjectionsCartLife, a_cart_that_is_held_back_says_so) {
    shop.raw("cart", "full", "cart.item_set", "\xff");
    shop.cart("full", cart::CheckedOut{kernel::OrderId("p")});
    shop.project();
    const auto answer = projections::carts::find(reading, CartId("full"), {});
    EXPECT_EQ(answer->value->order, std::nullopt);
    ASSERT_TRUE(answer->parked);
    EXPECT_EQ(answer->parked->reason, "undecodable");
}

// Whoever began carts and left them open filled Redis, which then took no products either.
TEST_F(ProjectionsCartLife, redis_holds_no_carts_whoever_begins_them) {
    const PrivateRedis server;
    projections::redis::Cache cache({.address = server.address()}, "t", 1);
    projections::redis::Client client({.address = server.address()});
    shop.simple_product("A", 100);
    shop.project();
    for (auto& one : projections::redis_feeds(reading, database.reader(), "t"))
        while (one->feed(client)) {
        }
    EXPECT_GT(client.command({"KEYS", "t:products:*"}).size(), 0U);
    EXPECT_EQ(client.command({"KEYS", "t:carts:*"}).size(), 0U);
    projections::Reading cached{pool, shop.progress(), partitions, &cache};
    EXPECT_EQ(projections::carts::find(cached, CartId("full"), {})->value, found("full"));
}

// Of a few skus by Redis, of many by PostgreSQL: the same answer, and only their partitions count.
TEST_F(ProjectionsCartLife, products_are_found_all_at_once) {
    const PrivateRedis server;
    projections::redis::Cache cache({.address = server.address()}, "t", 1);
    std::vector<Sku> many, few{Sku("P3"), Sku("P1")};
    for (int i = 0; i < 30; ++i) {
        const auto sku = "P" + std::to_string(i);
        shop.simple_product(sku, 100 + i);
        if (i != 7) many.emplace_back(sku);
    }
    shop.product("P1", product::Archived{});
    shop.project();
    projections::redis::Client client({.address = server.address()});
    for (auto& one : projections::redis_feeds(reading, database.reader(), "t"))
        while (one->feed(client)) {
        }
    projections::Reading cached{pool, shop.progress(), partitions, &cache};
    const auto prices = [](const auto& answer) {
        std::map<std::string, std::int64_t> cents;
        for (const auto& one : answer->value)
            cents[one.sku.value()] = one.archived ? -1 : one.price.amount;
        return cents;
    };
    const std::map<std::string, std::int64_t> expected{{"P1", -1}, {"P3", 103}};
    eventstore::Heads heads(static_cast<std::size_t>(partitions));
    for (const auto& sku : few) {
        const auto p =
            static_cast<std::size_t>(eventstore::partition_of(sku.value(), partitions).value());
        heads[p] = shop.heads()[p];
    }
    for (auto* by : {&reading, &cached}) {
        const auto answer = projections::products::find_all(*by, few, {});
        EXPECT_EQ(prices(answer), expected);
        EXPECT_EQ(answer->heads, heads);
        EXPECT_EQ(answer->parked_keys, 0);
        EXPECT_EQ(projections::products::find_all(*by, many, {})->value.size(), 29U);
    }
    database.admin().script("UPDATE skald_read.products_v1 SET price_amount = 5");
    EXPECT_EQ(prices(projections::products::find_all(cached, few, {})), expected) << "from Redis";
    EXPECT_EQ(prices(projections::products::find_all(cached, many, {})).at("P2"), 102);
    EXPECT_EQ(prices(projections::products::find_all(cached, {Sku("P3"), Sku("no")}, {})),
              (std::map<std::string, std::int64_t>{{"P3", 5}}));

    // Another partition may be behind; one of theirs may not.
    auto elsewhere = heads;
    for (auto& head : elsewhere)
        if (head == Position(0)) head = Position(1'000'000);
    auto ahead = heads;
    for (auto& head : ahead)
        if (head != Position(0)) ++head;
    for (auto* by : {&reading, &cached}) {
        EXPECT_TRUE(projections::products::find_all(*by, few, {elsewhere, steady_clock::now()}));
        EXPECT_FALSE(projections::products::find_all(*by, few, {ahead, steady_clock::now()}));
    }

    shop.raw("product", "P3", "product.price_set", "\xff");
    shop.raw("product", "P9", "product.price_set", "\xff");
    shop.project();
    EXPECT_EQ(projections::products::find_all(reading, few, {})->parked_keys, 1);
    for (auto& one : projections::redis_feeds(reading, database.reader(), "t"))
        while (one->feed(client)) {
        }
    EXPECT_EQ(projections::products::find_all(cached, few, {})->parked_keys, 1);
}

}  // namespace
}  // namespace skald::tests
