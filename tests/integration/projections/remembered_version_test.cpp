// What a process remembers of a read model between queries: which version of its tables is live.
#include <gtest/gtest.h>

#include "projections/engine/rebuild.h"
#include "projections/migrations/migrations.h"
#include "projections/products/projection.h"
#include "projections/products/queries.h"
#include "tests/integration/projections/shop_log.h"

namespace skald::tests {
namespace {

namespace products = projections::products;

// After a rebuild the statement that was prepared names tables that are live no longer, or that
// are gone.
TEST(RememberedVersion, is_corrected_by_the_first_query_behind_a_rebuild) {
    constexpr std::int32_t partitions = 4;
    Database database{partitions, projections::migrations()};
    ShopLog shop{database, partitions};
    projections::PgPool pool{database.reader(), 2};
    projections::Reading reading{pool, shop.progress(), partitions, nullptr};
    const projections::ReadRequest any{{},
                                       std::chrono::steady_clock::now() + std::chrono::seconds(20)};
    shop.simple_product("A", 1, "D");
    shop.project();
    const auto title = [&] {
        const auto found = products::find(reading, kernel::Sku("A"), any);
        const projections::AskedThing asked{"A", any};
        const auto together = products::find_together(reading, {&asked, 1});
        const auto listed = products::list(reading, {}, any);
        EXPECT_EQ(together.at(0)->value, found->value);
        EXPECT_EQ(listed->value.rows.at(0), *found->value);
        const products::Listing listing;
        const auto pages = products::list_together(reading, {&listing, 1});
        EXPECT_EQ(pages.at(0)->value.rows, listed->value.rows);
        return found->value->title;
    };
    const auto original = title();
    rebuild(products::projection(), database.owner(), shop.log());
    database.admin().script("UPDATE skald_read.products_v2 SET title = 'rebuilt'");
    EXPECT_EQ(title(), "rebuilt");
    rebuild(products::projection(), database.owner(), shop.log());
    rebuild(products::projection(), database.owner(), shop.log());
    database.admin().script("DROP TABLE IF EXISTS skald_read.products_v2");
    EXPECT_EQ(title(), original);
}

}  // namespace
}  // namespace skald::tests
