#include "domain/cart/cart.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"

namespace skald::cart {
namespace {

const AccountId ada{"ada"}, bob{"bob"};
const Sku tea{"tea"}, wine{"wine"};
const OrderId o1{"o1"}, o2{"o2"};

const State nothing;
const State fresh = evolve(nothing, Created{ada});
const State two_teas = evolve(fresh, ItemSet{tea, 2});
const State emptied = evolve(two_teas, ItemRemoved{tea});
const State ordered = evolve(two_teas, CheckedOut{o1});
const State full = [] {
    State state = fresh;
    for (int i = 0; i < 1000; ++i) apply(state, ItemSet{Sku("s" + std::to_string(i)), 1});
    return state;
}();

TEST(Cart, AcceptsWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        std::vector<Event> then;
    };
    const Row rows[] = {
        {"of an account", nothing, Create{ada}, {Created{ada}}},
        {"of somebody", nothing, Create{{}}, {Created{{}}}},
        {"the same again", two_teas, Create{ada}, {}},
        {"the same, ordered since", ordered, Create{ada}, {}},
        {"a first item", fresh, SetItem{tea, 2}, {ItemSet{tea, 2}}},
        {"as many as may be", two_teas, SetItem{wine, 100'000}, {ItemSet{wine, 100'000}}},
        {"fewer", two_teas, SetItem{tea, 1}, {ItemSet{tea, 1}}},
        {"as many as there are", two_teas, SetItem{tea, 2}, {}},
        {"more of what is in a full cart", full, SetItem{Sku("s0"), 2}, {ItemSet{Sku("s0"), 2}}},
        {"out with it", two_teas, RemoveItem{tea}, {ItemRemoved{tea}}},
        {"out with what is not in it", two_teas, RemoveItem{wine}, {}},
        {"in again", emptied, SetItem{tea, 2}, {ItemSet{tea, 2}}},
        {"ordered", two_teas, CheckOut{o1}, {CheckedOut{o1}}},
        {"a thousand ordered", full, CheckOut{o1}, {CheckedOut{o1}}},
        {"ordered, as was said", ordered, CheckOut{o1}, {}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error());
        EXPECT_TRUE(*decision == row.then) << row.what;
    }
}

TEST(Cart, RefusesWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        Refusal then;
    };
    const Row rows[] = {
        {"another's cart", fresh, Create{bob}, Refusal::already_exists},
        {"nobody's cart", fresh, Create{{}}, Refusal::already_exists},
        {"an account with a dot", nothing, Create{AccountId("a.b")}, Refusal::account_invalid},
        {"fill what is not there", nothing, SetItem{tea, 1}, Refusal::not_found},
        {"empty what is not there", nothing, RemoveItem{tea}, Refusal::not_found},
        {"order what is not there", nothing, CheckOut{o1}, Refusal::not_found},
        {"a sku with a slash", fresh, SetItem{Sku("a/b"), 1}, Refusal::sku_invalid},
        {"out with no sku", fresh, RemoveItem{Sku("")}, Refusal::sku_invalid},
        {"none of it", two_teas, SetItem{tea, 0}, Refusal::quantity_out_of_range},
        {"minus one", two_teas, SetItem{tea, -1}, Refusal::quantity_out_of_range},
        {"100001", two_teas, SetItem{tea, 100'001}, Refusal::quantity_out_of_range},
        {"an order with a dot", two_teas, CheckOut{OrderId("o.1")}, Refusal::order_invalid},
        {"one more, ordered", ordered, SetItem{tea, 3}, Refusal::checked_out},
        {"as many as there were, ordered", ordered, SetItem{tea, 2}, Refusal::checked_out},
        {"one out, ordered", ordered, RemoveItem{tea}, Refusal::checked_out},
        {"ordered twice", ordered, CheckOut{o2}, Refusal::checked_out},
        {"the 1001st", full, SetItem{tea, 1}, Refusal::too_many_items},
        {"order nothing", fresh, CheckOut{o1}, Refusal::empty},
        {"order nothing any more", emptied, CheckOut{o1}, Refusal::empty},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error()), kernel::name_of(row.then)) << row.what;
    }
}

TEST(Cart, AStoredEventThatCannotBeIsThrownNotApplied) {
    struct Row {
        std::string_view what;
        State given;
        Event then;
    };
    const Row rows[] = {
        {"created twice", fresh, Created{ada}},
        {"filled before it was created", nothing, ItemSet{tea, 1}},
        {"more than it holds", full, ItemSet{tea, 1}},
        {"out with what is not in it", two_teas, ItemRemoved{wine}},
        {"ordered with nothing in it", emptied, CheckedOut{o1}},
        {"ordered twice", ordered, CheckedOut{o1}},
        {"filled after it was ordered", ordered, ItemSet{tea, 3}},
        {"emptied after it was ordered", ordered, ItemRemoved{tea}},
    };
    for (const Row& row : rows)
        EXPECT_THROW(evolve(row.given, row.then), kernel::ImpossibleEvent) << row.what;
}

rc::Gen<Command> commands() {
    using rc::gen::construct;
    const auto skus = rc::gen::element(tea, wine, Sku("c"), Sku("/"));
    const auto counts =
        rc::gen::map(rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-1, 5),
                                    rc::gen::element<std::int64_t>(100'000, 100'001)),
                     [](auto n) { return Quantity::of(n); });
    const auto command = [](auto gen) { return rc::gen::cast<Command>(gen); };
    return rc::gen::oneOf(command(construct<SetItem>(skus, counts)),
                          command(construct<SetItem>(skus, counts)),
                          command(construct<RemoveItem>(skus)),
                          rc::gen::weightedOneOf<Command>(
                              {{4, command(construct<SetItem>(skus, counts))},
                               {1, command(construct<CheckOut>(rc::gen::element(o1, o2)))}}));
}

RC_GTEST_PROP(CartProperty, HoldsWhatWasLastSetAndNothingChangesAfterTheCheckOut, ()) {
    State state = fresh;
    std::map<Sku, std::int64_t> basket;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(40, commands())) {
        const State before = state;
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        if (const auto* c = std::get_if<SetItem>(&command)) basket[c->sku] = c->quantity.value();
        if (const auto* c = std::get_if<RemoveItem>(&command)) basket.erase(c->sku);
        if (before.order) RC_ASSERT(state == before);
        RC_ASSERT(state.items.size() == basket.size());
        for (const auto& [sku, quantity] : state.items) {
            RC_ASSERT(quantity.value() == basket.at(sku));
            RC_ASSERT(quantity.value() >= 1 && quantity.value() <= 100'000);
        }
        const auto second = decide(state, command);
        RC_ASSERT(second.has_value());
        RC_ASSERT(second->empty());
    }
}

}  // namespace
}  // namespace skald::cart
