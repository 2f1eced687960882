#include "schemas/product/codec.h"

#include <gtest/gtest.h>

#include "schemas/testing/golden.h"

namespace skald::schemas::product {
namespace {

using kernel::Money;
using kernel::Sku;
using skald::product::Archived;
using skald::product::Created;
using skald::product::Described;
using skald::product::Event;
using skald::product::PriceSet;
using testing::Golden;

constexpr kernel::Currency eur{"EUR"};

TEST(ProductCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"product.created.v1.full",
         Created{Sku("WINE-1"), "Gl\xC3\xBChwein", "Drinks", "Wine", Money{799, eur}}},
        {"product.created.v1.plain", Created{Sku("x_1"), "Thing", {}, {}, Money{1, eur}}},
        {"product.described.v1.all", Described{"Red wine", "Drinks", "Wine"}},
        {"product.described.v1.one", Described{{}, "Kitchen", {}}},
        {"product.price_set.v1.euros", PriceSet{{899, eur}}},
        {"product.archived.v1.plain", Archived{}},
    };
    testing::check_golden("product", rows, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::product
