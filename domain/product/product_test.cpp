#include "domain/product/product.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"

namespace skald::product {
namespace {

constexpr kernel::Currency eur{"EUR"};
constexpr kernel::Currency usd{"USD"};
const Sku wine{"WINE-1"};

const Create create_wine{wine, "Red wine", "Drinks", "Wine", "Ch\xC3\xA2teau", Money{799, eur}};
const Created wine_created{wine, "Red wine", "Drinks", "Wine", "Ch\xC3\xA2teau", Money{799, eur}};
const State nothing;
const State on_sale = evolve(nothing, wine_created);
const State archived = evolve(on_sale, Archived{});

Create create_with(auto change) {
    Create create = create_wine;
    change(create);
    return create;
}

struct Accepted {
    std::string_view what;
    State given;
    Command when;
    std::vector<Event> then;
};

TEST(Product, AcceptsWith) {
    const Accepted rows[] = {
        {"a new sku", nothing, create_wine, {wine_created}},
        {"no labels",
         nothing,
         Create{wine, "W", {}, {}, {}, {1, eur}},
         {Created{wine, "W", {}, {}, {}, {1, eur}}}},
        {"the longest texts",
         nothing,
         create_with([](Create& c) {
             c.title = std::string(500, 't'), c.category = std::string(200, 'c');
         }),
         {Created{wine,
                  std::string(500, 't'),
                  "Drinks",
                  std::string(200, 'c'),
                  "Ch\xC3\xA2teau",
                  {799, eur}}}},
        {"only what changed is told",
         on_sale,
         Describe{"White wine", "Drinks", {}, {}},
         {Described{"White wine", {}, {}, {}}}},
        {"nothing new to tell",
         on_sale,
         Describe{"Red wine", "Drinks", "Wine", "Ch\xC3\xA2teau"},
         {}},
        {"an empty description", on_sale, Describe{}, {}},
        {"a product sold in dollars",
         nothing,
         Create{wine, "W", {}, {}, {}, {1, usd}},
         {Created{wine, "W", {}, {}, {}, {1, usd}}}},
        {"a first brand",
         evolve(nothing, Created{wine, "W", {}, {}, {}, {1, eur}}),
         Describe{{}, {}, {}, "B"},
         {Described{{}, {}, {}, "B"}}},
        {"another price", on_sale, SetPrice{{899, eur}}, {PriceSet{{899, eur}}}},
        {"the same price", on_sale, SetPrice{{799, eur}}, {}},
        {"both at once",
         on_sale,
         Change{{"White wine", {}, {}, {}}, Money{899, eur}},
         {Described{"White wine", {}, {}, {}}, PriceSet{{899, eur}}}},
        {"nothing to carry from the start",
         nothing,
         create_with([](Create& c) { c.ships = false; }),
         {Created{wine, "Red wine", "Drinks", "Wine", "Ch\xC3\xA2teau", {799, eur}, false}}},
        {"nothing to carry any more", on_sale, SetShipping{false}, {ShippingSet{false}}},
        {"to be carried, as it is", on_sale, SetShipping{true}, {}},
        {"to be carried again",
         evolve(on_sale, ShippingSet{false}),
         SetShipping{true},
         {ShippingSet{true}}},
        {"all three at once",
         on_sale,
         Change{{{}, {}, {}, "B"}, Money{899, eur}, false},
         {Described{{}, {}, {}, "B"}, PriceSet{{899, eur}}, ShippingSet{false}}},
        {"a change of nothing", on_sale, Change{}, {}},
        {"the end", on_sale, Archive{}, {Archived{}}},
        {"the end again", archived, Archive{}, {}},
    };
    for (const Accepted& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error());
        EXPECT_EQ(*decision, row.then) << row.what;
    }
}

TEST(Product, AStoredEventThatCannotBeIsThrownNotApplied) {
    struct Row {
        std::string_view what;
        State given;
        Event then;
    };
    const Row rows[] = {
        {"created twice", on_sale, wine_created},
        {"described before it was created", nothing, Described{"x", {}, {}, {}}},
        {"priced before it was created", nothing, PriceSet{{1, eur}}},
        {"priced in another currency", on_sale, PriceSet{{1, usd}}},
        {"shipping set before it was created", nothing, ShippingSet{false}},
        {"archived before it was created", nothing, Archived{}},
    };
    for (const Row& row : rows)
        EXPECT_THROW(evolve(row.given, row.then), kernel::ImpossibleEvent) << row.what;
}

struct Refused {
    std::string_view what;
    State given;
    Command when;
    Refusal then;
};

TEST(Product, RefusesWith) {
    const Refused rows[] = {
        {"a sku twice", on_sale, create_wine, Refusal::already_exists},
        {"the sku of an archived one", archived, create_wine, Refusal::already_exists},
        {"describe what is not there", nothing, Describe{"x", {}, {}, {}}, Refusal::not_found},
        {"price what is not there", nothing, SetPrice{{1, eur}}, Refusal::not_found},
        {"carry what is not there", nothing, SetShipping{true}, Refusal::not_found},
        {"change what is not there", nothing, Change{}, Refusal::not_found},
        {"archive what is not there", nothing, Archive{}, Refusal::not_found},
        {"describe an archived one", archived, Describe{"x", {}, {}, {}}, Refusal::archived},
        {"price an archived one", archived, SetPrice{{1, eur}}, Refusal::archived},
        {"carry an archived one", archived, SetShipping{false}, Refusal::archived},
        {"change an archived one", archived, Change{}, Refusal::archived},
        {"a sku with a dot", nothing, create_with([](Create& c) { c.sku = Sku("a.b"); }),
         Refusal::sku_invalid},
        {"create without title", nothing, create_with([](Create& c) { c.title = ""; }),
         Refusal::title_empty},
        {"take the title away", on_sale, Describe{"", {}, {}, {}}, Refusal::title_empty},
        {"create with 501 bytes of title", nothing,
         create_with([](Create& c) { c.title = std::string(501, 't'); }), Refusal::title_too_long},
        {"501 bytes of title", on_sale, Describe{std::string(501, 't'), {}, {}, {}},
         Refusal::title_too_long},
        {"an empty department", on_sale, Describe{{}, "", {}, {}}, Refusal::label_empty},
        {"an empty category", nothing, create_with([](Create& c) { c.category = ""; }),
         Refusal::label_empty},
        {"201 bytes of department", on_sale, Describe{{}, std::string(201, 'd'), {}, {}},
         Refusal::label_too_long},
        {"201 bytes of category", on_sale, Describe{{}, {}, std::string(201, 'c'), {}},
         Refusal::label_too_long},
        {"a NUL in the title", nothing,
         create_with([](Create& c) { c.title = std::string("a\0b", 3); }), Refusal::text_invalid},
        {"broken UTF-8 in a label", on_sale, Describe{{}, {}, "\xC3", {}}, Refusal::text_invalid},
        {"create for free", nothing, create_with([](Create& c) { c.price.amount = 0; }),
         Refusal::price_not_positive},
        {"a negative price", on_sale, SetPrice{{-1, eur}}, Refusal::price_not_positive},
        {"an empty brand", on_sale, Describe{{}, {}, {}, ""}, Refusal::label_empty},
        {"201 bytes of brand", nothing,
         create_with([](Create& c) { c.brand = std::string(201, 'b'); }), Refusal::label_too_long},
        {"a tab in the brand", on_sale, Describe{{}, {}, {}, "a	b"}, Refusal::text_invalid},
        {"another currency", on_sale, SetPrice{{799, usd}}, Refusal::currency_mismatch},
        {"a good title with a bad price", on_sale, Change{{"x", {}, {}, {}}, Money{0, eur}},
         Refusal::price_not_positive},
        {"a good price with a bad title", on_sale, Change{{"", {}, {}, {}}, Money{5, eur}},
         Refusal::title_empty},
    };
    for (const Refused& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error()), kernel::name_of(row.then)) << row.what;
    }
}

rc::Gen<std::optional<std::string>> texts() {
    return rc::gen::element<std::optional<std::string>>(std::nullopt, "", "a", "b", "\xFF");
}

rc::Gen<Command> commands() {
    const auto prices = rc::gen::construct<Money>(rc::gen::inRange<std::int64_t>(0, 4),
                                                  rc::gen::element(eur, eur, usd));
    const auto maybe_prices = rc::gen::oneOf(
        rc::gen::just(std::optional<Money>()),
        rc::gen::map(prices, [](const Money& price) { return std::optional<Money>(price); }));
    const auto describes = rc::gen::construct<Describe>(texts(), texts(), texts(), texts());
    return rc::gen::oneOf(
        rc::gen::construct<Command>(rc::gen::construct<Create>(
            rc::gen::just(wine), rc::gen::element<std::string>("", "a"), texts(), texts(), texts(),
            prices, rc::gen::arbitrary<bool>())),
        rc::gen::construct<Command>(describes),
        rc::gen::construct<Command>(rc::gen::construct<SetPrice>(prices)),
        rc::gen::construct<Command>(rc::gen::construct<Change>(
            describes, maybe_prices,
            rc::gen::element<std::optional<bool>>(std::nullopt, true, false))),
        rc::gen::construct<Command>(rc::gen::construct<SetShipping>(rc::gen::arbitrary<bool>())),
        rc::gen::just(Command(Archive{})));
}

RC_GTEST_PROP(ProductProperty, ACommandDecidedTwiceHappensOnce, ()) {
    State state;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(commands())) {
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        const auto second = decide(state, command);
        RC_ASSERT(!second || second->empty());
    }
}

RC_GTEST_PROP(ProductProperty, WhatExistsHasATitleAndOnePositivePriceForEver, ()) {
    State state;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(commands())) {
        const State before = state;
        if (const auto events = decide(state, command))
            state = kernel::fold(std::move(state), *events);
        if (!state.exists) continue;
        RC_ASSERT(!state.title.empty());
        RC_ASSERT(state.price.amount > 0);
        RC_ASSERT(!before.archived || state == before);
        RC_ASSERT(!before.exists || state.price.currency == before.price.currency);
    }
}

}  // namespace
}  // namespace skald::product
