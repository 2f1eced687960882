// What each event of a cart changes in its read model.
#include <gtest/gtest.h>

#include "projections/carts/projection.h"
#include "projections/testing_changes.h"
#include "schemas/cart/codec.h"

namespace skald::projections {
namespace {

using kernel::Sku;

struct CartCase {
    const char* why;
    std::int64_t version;
    cart::Event event;
    std::string changes;
};

class ChangesOfCart : public testing::TestWithParam<CartCase> {};

TEST_P(ChangesOfCart, event) {
    const auto& row = GetParam();
    EXPECT_EQ(testing_changes::changes_of(carts::projection(), "cart-c", row.version,
                                          schemas::cart::encode(row.event)),
              row.changes)
        << row.why;
}

INSTANTIATE_TEST_SUITE_P(
    carts, ChangesOfCart,
    testing::Values(
        CartCase{"created", 1, cart::Created{kernel::AccountId("ann")},
                 "put carts id=c account=ann order_id=null version=1 created_at=7 updated_at=7\n"},
        CartCase{"a guest's", 1, cart::Created{{}},
                 "put carts id=c account=null order_id=null version=1 created_at=7 updated_at=7\n"},
        CartCase{"so many of it", 2, cart::ItemSet{Sku("A"), 3},
                 "update carts id=c version=2 updated_at=7\n"
                 "put cart_items cart_id=c sku=A quantity=3\n"},
        CartCase{"none of it", 3, cart::ItemRemoved{Sku("A")},
                 "update carts id=c version=3 updated_at=7\n"
                 "remove cart_items cart_id=c sku=A\n"},
        CartCase{"checked out", 4, cart::CheckedOut{kernel::OrderId("o")},
                 "update carts id=c version=4 updated_at=7\nupdate carts id=c order_id=o\n"}));

}  // namespace
}  // namespace skald::projections
