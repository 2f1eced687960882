#include "schemas/product/codec.h"

#include <gtest/gtest.h>

#include "schemas/product/v1/product.pb.h"
#include "schemas/product/v2/product.pb.h"
#include "schemas/testing/arbitrary.h"
#include "schemas/testing/golden.h"
#include "schemas/testing/rejects.h"

namespace skald::schemas::product {
namespace {

using kernel::Money;
using kernel::Sku;
using skald::product::Archived;
using skald::product::Created;
using skald::product::Described;
using skald::product::Event;
using skald::product::PriceSet;
using skald::product::ShippingSet;
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
        {"product.created.v2.nothing_to_carry",
         Created{Sku("song"), "Song", {}, {}, {}, Money{99, eur}, false}},
        {"product.shipping_set.v1.off", ShippingSet{false}},
        {"product.shipping_set.v1.on", ShippingSet{true}},
        {"product.described.v1.brand", Described{{}, {}, {}, "Acme"}},
        {"product.described.v1.all", Described{"Red wine", "Drinks", "Wine", {}}},
        {"product.described.v1.one", Described{{}, "Kitchen", {}, {}}},
        {"product.price_set.v1.euros", PriceSet{{899, eur}}},
        {"product.price_set.v2.yen", PriceSet{{9000000000, jpy}}},
        {"product.archived.v1.plain", Archived{}},
    };
    testing::check_golden("product", rows, &encode, &decode);
}

TEST(ProductCodec, RejectsWhatTheDomainNeverLetsHappen) {
    namespace v1 = skald::product::v1;
    namespace v2 = skald::product::v2;
    const auto created = [](auto change) {
        v2::Created m;
        m.set_sku("WINE-1");
        m.set_title("Wine");
        m.mutable_price()->set_amount(1);
        m.mutable_price()->set_currency("EUR");
        change(m);
        return m;
    };
    v1::Created old;
    old.set_sku("WINE-1");
    old.set_title("Wine");
    v1::Described no_title;
    no_title.set_title("");
    v1::Described bell;
    bell.set_brand("\a");
    v2::PriceSet in_words;
    in_words.mutable_price()->set_amount(5);
    in_words.mutable_price()->set_currency("euro");
    const auto impossible = DecodeErrorKind::impossible;
    ASSERT_TRUE(decode("product.created", 2, created([](auto&) {}).SerializeAsString()));
    testing::expect_rejected<Event>(
        &decode,
        {
            {"a sku with a dot", "product.created", 2, created([](auto& m) { m.set_sku("a.b"); }),
             impossible, "sku is no id"},
            {"no title", "product.created", 2, created([](auto& m) { m.clear_title(); }),
             impossible, "title is empty"},
            {"an empty department", "product.created", 2,
             created([](auto& m) { m.set_department(""); }), impossible, "department is empty"},
            {"no price", "product.created", 2, created([](auto& m) { m.clear_price(); }),
             impossible, "price is not positive"},
            {"no currency", "product.created", 2,
             created([](auto& m) { m.mutable_price()->clear_currency(); }), impossible,
             "price has no currency"},
            {"a first version for free", "product.created", 1, old, impossible,
             "price_cents is not positive"},
            {"the title taken away", "product.described", 1, no_title, impossible,
             "title is empty"},
            {"a bell in a label", "product.described", 1, bell, impossible,
             "brand holds control characters"},
            {"a currency in words", "product.price_set", 2, in_words, impossible,
             "price has no currency"},
        });
    testing::expect_unknown<Event>(&decode, "product.created");
}

RC_GTEST_PROP(ProductCodecProperty, ReadsWhatItWrites, ()) {
    using testing::maybe, testing::words;
    const Event events[] = {
        Created{testing::id<Sku>(), words(), maybe(words), maybe(words), maybe(words),
                testing::price(), testing::coin()},
        ShippingSet{testing::coin()},
        Described{maybe(words), maybe(words), maybe(words), maybe(words)},
        PriceSet{testing::price()},
        Archived{},
    };
    for (const Event& event : events) testing::assert_round_trip<Event>(event, &encode, &decode);
}

}  // namespace
}  // namespace skald::schemas::product
