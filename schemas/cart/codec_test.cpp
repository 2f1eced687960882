#include "schemas/cart/codec.h"

#include <gtest/gtest.h>

#include "schemas/cart/v1/cart.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::cart {
namespace {

using kernel::AccountId;
using kernel::OrderId;
using kernel::Sku;
using skald::cart::CheckedOut;
using skald::cart::Created;
using skald::cart::Event;
using skald::cart::ItemRemoved;
using skald::cart::ItemSet;
using testing::Golden;

TEST(CartCodec, ReadsWhatWasEverWritten) {
    const std::vector<Golden<Event>> rows = {
        {"cart.created.v1.plain", Created{AccountId("ada-1")}},
        {"cart.created.v1.nobodys", Created{{}}},
        {"cart.item_set.v1.plain", ItemSet{Sku("WINE-1"), 3}},
        {"cart.item_set.v1.most", ItemSet{Sku("x_1"), 100'000}},
        {"cart.item_removed.v1.plain", ItemRemoved{Sku("WINE-1")}},
        {"cart.checked_out.v1.plain", CheckedOut{OrderId("o-1")}},
    };
    testing::check_golden("cart", rows, &encode, &decode);
}

TEST(CartCodec, RejectsWhatTheDomainNeverLetsHappen) {
    namespace v1 = skald::cart::v1;
    v1::Created of_nobody;
    of_nobody.set_account("");
    v1::ItemSet none, many, dotted;
    for (auto* m : {&none, &many}) m->set_sku("a");
    many.set_quantity(100'001);
    dotted.set_sku("a.b");
    dotted.set_quantity(1);
    const auto impossible = DecodeErrorKind::impossible;
    testing::expect_rejected<Event>(
        &decode,
        {
            {"an empty account", "cart.created", 1, of_nobody, impossible, "account is no id"},
            {"none", "cart.item_set", 1, none, impossible, "quantity is out of range"},
            {"100001", "cart.item_set", 1, many, impossible, "quantity is out of range"},
            {"a sku with a dot", "cart.item_set", 1, dotted, impossible, "sku is no id"},
            {"no sku", "cart.item_removed", 1, v1::ItemRemoved(), impossible, "sku is no id"},
            {"no order", "cart.checked_out", 1, v1::CheckedOut(), impossible, "order_id is no id"},
        });
    testing::expect_unknown<Event>(&decode, "cart.item_set");
}

RC_GTEST_PROP(CartCodecProperty, ReadsWhatItWrites, ()) {
    using testing::id;
    const Event events[] = {
        Created{testing::maybe(id<AccountId>)},
        ItemSet{id<Sku>(), testing::quantity(1, skald::cart::quantity_max)},
        ItemRemoved{id<Sku>()},
        CheckedOut{id<OrderId>()},
    };
    for (const Event& event : events) testing::assert_round_trip<Event>(event, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::cart
