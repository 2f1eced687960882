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

constexpr kernel::Currency eur{"EUR"}, usd{"USD"}, jpy{"JPY"};

TEST(ProductCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"product.created.v1.full",
         Created{Sku("WINE-1"), "Gl\xC3\xBChwein", "Drinks", "Wine", {}, Money{799, eur}}},
        {"product.created.v1.plain", Created{Sku("x_1"), "Thing", {}, {}, {}, Money{1, eur}}},
        {"product.created.v2.full", Created{Sku("WINE-1"), "Gl\xC3\xBChwein", "Drinks", "Wine",
                                            "Ch\xC3\xA2teau", Money{799, usd}}},
        {"product.created.v2.plain", Created{Sku("x_1"), "Thing", {}, {}, {}, Money{1, eur}}},
        {"product.described.v1.brand", Described{{}, {}, {}, "Acme"}},
        {"product.described.v1.all", Described{"Red wine", "Drinks", "Wine", {}}},
        {"product.described.v1.one", Described{{}, "Kitchen", {}, {}}},
        {"product.price_set.v1.euros", PriceSet{{899, eur}}},
        {"product.price_set.v2.yen", PriceSet{{9000000000, jpy}}},
        {"product.archived.v1.plain", Archived{}},
    };
    testing::check_golden("product", rows, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::product
