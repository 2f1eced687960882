// Pages that are read together: the same as each alone, and all of one moment.
#include <gtest/gtest.h>

#include <thread>

#include "projections/engine/rebuild.h"
#include "projections/migrations/migrations.h"
#include "projections/orders/queries.h"
#include "projections/products/projection.h"
#include "projections/products/queries.h"
#include "tests/integration/projections/shop_log.h"

namespace skald::tests {
namespace {

using namespace projections;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::int32_t partitions = 4;

class ListsTogether : public testing::Test {
  protected:
    ListsTogether() {
        for (int i = 0; i < 9; ++i)
            shop.simple_product("S" + std::to_string(i), 100 + i, i % 2 == 0 ? "EVEN" : "ODD");
        for (int i = 0; i < 4; ++i)
            shop.simple_order("o" + std::to_string(i), "ann", i, {{"S1", 1}});
        shop.project();
    }
    static ReadRequest any() { return {{}, steady_clock::now() + 2s}; }
    static products::Listing in_department(const std::string& name, std::int32_t limit) {
        return {.filter = {.department = name, .category = {}, .brand = {}},
                .sort = products::SortBy::sku,
                .descending = false,
                .page = {.limit = limit, .direction = PageDirection::forward, .after = {}}};
    }

    Database database{partitions, migrations()};
    ShopLog shop{database, partitions};
    PgPool pool{database.reader(), 2};
    Reading reading{pool, shop.progress(), partitions, nullptr};
};

TEST_F(ListsTogether, are_the_pages_that_each_is_alone) {
    const std::vector<products::Listing> listings{
        in_department("EVEN", 2), in_department("ODD", 20), in_department("NONE", 20),
        products::Listing{}, in_department("EVEN", 3)};
    std::vector<Answer<Page<products::Product>>> alone;
    for (const auto& listing : listings) alone.push_back(*products::list(reading, listing, any()));
    const auto together = products::list_together(reading, listings);
    ASSERT_EQ(together.size(), listings.size());
    for (std::size_t i = 0; i < listings.size(); ++i) {
        ASSERT_TRUE(together[i]) << i;
        EXPECT_EQ(together[i]->value.rows, alone[i].value.rows) << i;
        EXPECT_EQ(together[i]->value.has_next, alone[i].value.has_next) << i;
        EXPECT_EQ(together[i]->value.last, alone[i].value.last) << i;
        EXPECT_EQ(together[i]->heads, alone[i].heads) << i;
    }
    const orders::Listing of_ann{
        .filter = {.account = kernel::AccountId("ann"), .status = {}, .from = {}, .to = {}},
        .descending = true,
        .page = {}};
    const auto orders_alone = orders::list(reading, of_ann, any());
    const auto orders_together = orders::list_together(reading, {&of_ann, 1});
    ASSERT_TRUE(orders_together.at(0));
    EXPECT_EQ(orders_together[0]->value.rows, orders_alone->value.rows);
    EXPECT_EQ(orders_together[0]->value.rows.size(), 4u);
}

TEST_F(ListsTogether, tell_how_many_keys_are_held_back) {
    shop.raw("product", "S1", "product.unheard_of", "?");
    shop.project();
    const products::Listing all;
    products::list(reading, all, any());
    EXPECT_EQ(products::list_together(reading, {&all, 1}).at(0)->parked_keys, 1);
}

// Nobody is shown a page of tables that are live no longer, nor what is thought to be live unseen.
TEST_F(ListsTogether, are_none_until_the_live_tables_are_known) {
    const products::Listing all;
    EXPECT_FALSE(products::list_together(reading, {&all, 1}).at(0));
    EXPECT_TRUE(products::list(reading, all, any()));
    EXPECT_TRUE(products::list_together(reading, {&all, 1}).at(0));
    rebuild(products::projection(), database.owner(), shop.log());
    EXPECT_FALSE(products::list_together(reading, {&all, 1}).at(0));
    EXPECT_TRUE(products::list(reading, all, any()));
    EXPECT_TRUE(products::list_together(reading, {&all, 1}).at(0));
}

// What PostgreSQL commits between two of the statements is seen by none of them.
TEST_F(ListsTogether, are_of_one_moment) {
    auto connection = pool.acquire(steady_clock::now() + 2s);
    const std::string count = "SELECT count(*) FROM skald_read.products_v1 WHERE archived";
    const std::string wait = "SELECT pg_advisory_lock_shared(7), pg_advisory_unlock_shared(7)";
    auto& writer = database.admin();
    writer.query("SELECT pg_advisory_lock(7)");
    std::vector<pq::Rows> answers;
    std::thread asking([&] {
        answers = connection->together(std::vector<pq::Statement>{{count}, {wait}, {count}});
    });
    while (writer.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
               .int8(0, 0) == 0)
        std::this_thread::yield();
    writer.query("UPDATE skald_read.products_v1 SET archived = true");
    writer.query("SELECT pg_advisory_unlock(7)");
    asking.join();
    EXPECT_EQ(answers.at(0).int8(0, 0), 0);
    EXPECT_EQ(answers.at(2).int8(0, 0), 0);
    EXPECT_EQ(connection->query(count).int8(0, 0), 9);
}

}  // namespace
}  // namespace skald::tests
