#include "domain/stock/stock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"

namespace skald::stock {
namespace {

const HoldId h1{"h1"}, h2{"h2"};
const OrderId o1{"o1"}, o2{"o2"};
const std::string long_text(201, 'x');

State after(std::vector<Event> events) { return kernel::fold(State{}, events); }

const State nothing;
const State five = after({Received{5, {}}});
const State three_held = after({Received{5, {}}, Reserved{h1, 3}});
const State three_allocated = after({Received{5, {}}, Reserved{h1, 3}, Allocated{h1, o1, 3}});
const State three_out =
    after({Received{5, {}}, Reserved{h1, 3}, Allocated{h1, o1, 3}, Shipped{o1, 3}});
const State full = after({Received{quantity_max, {}}});
// As much on hand as out with customers.
const State full_and_out =
    after({Received{quantity_max, {}}, Reserved{h1, quantity_max}, Allocated{h1, o1, quantity_max},
           Shipped{o1, quantity_max}, Received{quantity_max, {}}, Reserved{h2, quantity_max},
           Allocated{h2, o2, quantity_max}});

struct Accepted {
    std::string_view what;
    State given;
    Command when;
    std::vector<Event> then;
};

TEST(Stock, AcceptsWith) {
    const Accepted rows[] = {
        {"the first receipt", nothing, Receive{5, "note 7"}, {Received{5, "note 7"}}},
        {"one more", five, Receive{1, {}}, {Received{1, {}}}},
        {"up to the bound", five, Receive{999'999'999'995, {}}, {Received{999'999'999'995, {}}}},
        {"found two", five, Adjust{2, "counted"}, {Adjusted{2, "counted"}}},
        {"lost all that is free", three_held, Adjust{-2, "broken"}, {Adjusted{-2, "broken"}}},
        {"all of it", five, Reserve{h1, 5}, {Reserved{h1, 5}}},
        {"the rest", three_held, Reserve{h2, 2}, {Reserved{h2, 2}}},
        {"the same hold again", three_held, Reserve{h1, 3}, {}},
        {"a hold given up", three_held, Release{h1, "undone"}, {Released{h1, 3, "undone"}}},
        {"a hold to its order", three_held, Allocate{h1, o1, 3}, {Allocated{h1, o1, 3}}},
        {"a part given back", three_allocated, Unallocate{o1, 1}, {Unallocated{o1, 1}}},
        {"all given back", three_allocated, Unallocate{o1, 3}, {Unallocated{o1, 3}}},
        {"freed while held", three_held, Free{h1, o1, 3, "x"}, {Released{h1, 3, "x"}}},
        {"freed once allocated", three_allocated, Free{h1, o1, 3, "x"}, {Unallocated{o1, 3}}},
        {"a part freed", three_allocated, Free{h1, o1, 1, "x"}, {Unallocated{o1, 1}}},
        {"what left is not freed", three_out, Free{h1, o1, 3, "x"}, {}},
        {"another's is not freed", three_allocated, Free{h2, o2, 3, "x"}, {}},
        {"what never came is not freed", nothing, Free{h1, o1, 3, "x"}, {}},
        {"a part shipped", three_allocated, Ship{o1, 1}, {Shipped{o1, 1}}},
        {"all shipped", three_allocated, Ship{o1, 3}, {Shipped{o1, 3}}},
        {"a song came back", three_out, TakeBack{o1, 1}, {Returned{o1, 1}}},
        {"a song that never left", three_allocated, TakeBack{o1, 3}, {Unallocated{o1, 3}}},
        {"one came back", three_out, Return{o1, 1}, {Returned{o1, 1}}},
    };
    for (const Accepted& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error());
        EXPECT_EQ(*decision, row.then) << row.what;
    }
}

struct Refused {
    std::string_view what;
    State given;
    Command when;
    Refusal then;
};

TEST(Stock, RefusesWith) {
    const Refused rows[] = {
        {"receive none", five, Receive{0, {}}, Refusal::quantity_not_positive},
        {"receive minus one", five, Receive{-1, {}}, Refusal::quantity_not_positive},
        {"reserve none", five, Reserve{h1, 0}, Refusal::quantity_not_positive},
        {"allocate none", three_held, Allocate{h1, o1, 0}, Refusal::quantity_not_positive},
        {"ship minus one", three_allocated, Ship{o1, -1}, Refusal::quantity_not_positive},
        {"give back none", three_allocated, Unallocate{o1, 0}, Refusal::quantity_not_positive},
        {"free none", three_allocated, Free{h1, o1, 0, "x"}, Refusal::quantity_not_positive},
        {"return none", three_out, Return{o1, 0}, Refusal::quantity_not_positive},
        {"take none back", three_allocated, TakeBack{o1, 0}, Refusal::quantity_not_positive},
        {"adjust by nothing", five, Adjust{0, "counted"}, Refusal::delta_zero},
        {"receive one beyond", nothing, Receive{1'000'000'000'001, {}}, Refusal::too_much},
        {"receive the largest number", five, Receive{INT64_MAX, {}}, Refusal::too_much},
        {"receive on a full house", full, Receive{1, {}}, Refusal::too_much},
        {"adjust a full house", full, Adjust{1, "counted"}, Refusal::too_much},
        {"adjust by the lowest number", five, Adjust{INT64_MIN, "x"}, Refusal::too_much},
        {"adjust by the largest number", five, Adjust{INT64_MAX, "x"}, Refusal::too_much},
        {"ship beyond what may be out", full_and_out, Ship{o2, 1}, Refusal::too_much},
        {"return to a full house", full_and_out, Return{o1, 1}, Refusal::too_much},
        {"give back one beyond", three_allocated, Unallocate{o1, 1'000'000'000'001},
         Refusal::too_much},
        {"reserve one beyond", full, Reserve{h1, 1'000'000'000'001}, Refusal::too_much},
        {"adjust without reason", five, Adjust{1, ""}, Refusal::reason_empty},
        {"release without reason", three_held, Release{h1, ""}, Refusal::reason_empty},
        {"free without reason", three_held, Free{h1, o1, 3, ""}, Refusal::reason_empty},
        {"a long reference", five, Receive{1, long_text}, Refusal::text_too_long},
        {"a long reason", five, Adjust{1, long_text}, Refusal::text_too_long},
        {"a long release", three_held, Release{h1, long_text}, Refusal::text_too_long},
        {"a bell in the reference", five, Receive{1, "\a"}, Refusal::text_invalid},
        {"broken UTF-8 as reason", five, Adjust{1, "\xFF"}, Refusal::text_invalid},
        {"a hold without name", five, Reserve{HoldId(""), 1}, Refusal::id_invalid},
        {"an order with a dot", three_held, Allocate{h1, OrderId("a.1"), 3}, Refusal::id_invalid},
        {"a return of no order", three_out, Return{OrderId(""), 1}, Refusal::id_invalid},
        {"adjust what never came", nothing, Adjust{1, "found"}, Refusal::not_found},
        {"reserve what never came", nothing, Reserve{h1, 1}, Refusal::not_found},
        {"release what never came", nothing, Release{h1, "x"}, Refusal::not_found},
        {"allocate what never came", nothing, Allocate{h1, o1, 1}, Refusal::not_found},
        {"give back what never came", nothing, Unallocate{o1, 1}, Refusal::not_found},
        {"ship what never came", nothing, Ship{o1, 1}, Refusal::not_found},
        {"return what never came", nothing, Return{o1, 1}, Refusal::not_found},
        {"the same hold with another quantity", three_held, Reserve{h1, 2}, Refusal::hold_differs},
        {"release what is not held", three_held, Release{h2, "x"}, Refusal::hold_not_held},
        {"release what is allocated", three_allocated, Release{h1, "x"}, Refusal::hold_not_held},
        {"allocate what is not held", five, Allocate{h1, o1, 1}, Refusal::hold_not_held},
        {"allocate twice", three_allocated, Allocate{h1, o1, 3}, Refusal::hold_not_held},
        {"allocate a part", three_held, Allocate{h1, o1, 2}, Refusal::quantity_not_the_holds},
        {"allocate more", three_held, Allocate{h1, o1, 4}, Refusal::quantity_not_the_holds},
        {"reserve more than there is", five, Reserve{h1, 6}, Refusal::not_enough_stock},
        {"reserve what another holds", three_held, Reserve{h2, 3}, Refusal::not_enough_stock},
        {"reserve what is allocated", three_allocated, Reserve{h2, 3}, Refusal::not_enough_stock},
        {"lose what is held", three_held, Adjust{-3, "broken"}, Refusal::not_enough_stock},
        {"give back more than allocated", three_allocated, Unallocate{o1, 4},
         Refusal::more_than_allocated},
        {"give back another's goods", three_allocated, Unallocate{o2, 1},
         Refusal::more_than_allocated},
        {"give back what is only held", three_held, Unallocate{o1, 1},
         Refusal::more_than_allocated},
        {"give back what has shipped", three_out, Unallocate{o1, 1}, Refusal::more_than_allocated},
        {"ship more than allocated", three_allocated, Ship{o1, 4}, Refusal::more_than_allocated},
        {"ship another's goods", three_allocated, Ship{o2, 1}, Refusal::more_than_allocated},
        {"ship what is only held", three_held, Ship{o1, 1}, Refusal::more_than_allocated},
        {"return more than is out", three_out, Return{o1, 4}, Refusal::more_than_shipped},
        {"take more back than is out", three_out, TakeBack{o1, 4}, Refusal::more_than_shipped},
        {"return what never left", three_allocated, Return{o1, 1}, Refusal::more_than_shipped},
    };
    for (const Refused& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error()), kernel::name_of(row.then)) << row.what;
    }
}

TEST(Stock, AStoredEventThatCannotBeIsThrownNotApplied) {
    struct Row {
        std::string_view what;
        State given;
        Event then;
    };
    const Row rows[] = {
        {"reserved before anything came", nothing, Reserved{h1, 1}},
        {"more reserved than there is", five, Reserved{h1, 6}},
        {"a hold twice", three_held, Reserved{h1, 1}},
        {"released without hold", five, Released{h1, 1, "x"}},
        {"released more than held", three_held, Released{h1, 4, "x"}},
        {"given back without allocation", five, Unallocated{o1, 1}},
        {"more given back than allocated", three_allocated, Unallocated{o1, 4}},
        {"shipped without allocation", five, Shipped{o1, 1}},
        {"returned before shipped", five, Returned{o1, 1}},
        {"received beyond all bounds", full, Received{1, {}}},
    };
    for (const Row& row : rows)
        EXPECT_THROW(evolve(row.given, row.then), kernel::ImpossibleEvent) << row.what;
}

rc::Gen<Command> commands() {
    const auto quantity =
        rc::gen::map(rc::gen::inRange<std::int64_t>(-1, 6), [](auto n) { return Quantity::of(n); });
    const auto hold = rc::gen::element(h1, h2, HoldId("h3"));
    const auto order = rc::gen::element(o1, o2);
    const auto reason = rc::gen::just(std::string("why"));
    const auto none = rc::gen::just(std::optional<std::string>());
    return rc::gen::oneOf(
        rc::gen::construct<Command>(rc::gen::construct<Receive>(quantity, none)),
        rc::gen::construct<Command>(rc::gen::construct<Adjust>(quantity, reason)),
        rc::gen::construct<Command>(rc::gen::construct<Reserve>(hold, quantity)),
        rc::gen::construct<Command>(rc::gen::construct<Release>(hold, reason)),
        rc::gen::construct<Command>(rc::gen::construct<Allocate>(hold, order, quantity)),
        rc::gen::construct<Command>(rc::gen::construct<Unallocate>(order, quantity)),
        rc::gen::construct<Command>(rc::gen::construct<Free>(hold, order, quantity, reason)),
        rc::gen::construct<Command>(rc::gen::construct<Ship>(order, quantity)),
        rc::gen::construct<Command>(rc::gen::construct<Return>(order, quantity)),
        rc::gen::construct<Command>(rc::gen::construct<TakeBack>(order, quantity)));
}

// The stock as a shopkeeper would keep it: every unit is one thing that lies in one place.
struct Shelf {
    bool exists = false;
    std::int64_t free = 0;
    std::map<std::string, std::int64_t> held, allocated;
    std::int64_t out = 0;

    // Whether the command is carried out, having done so.
    bool does(const Receive& c) {
        if (c.quantity < 1) return false;
        return free += c.quantity.value(), exists = true;
    }
    bool does(const Adjust& c) {
        if (!exists || c.delta == Quantity(0) || free + c.delta.value() < 0) return false;
        return free += c.delta.value(), true;
    }
    bool does(const Reserve& c) {
        if (c.quantity < 1) return false;
        if (held.contains(c.hold.value())) return held[c.hold.value()] == c.quantity.value();
        return exists && move(free, held[c.hold.value()], c.quantity.value());
    }
    bool does(const Release& c) {
        return held.contains(c.hold.value()) && move(held[c.hold.value()], free, of(c.hold));
    }
    bool does(const Allocate& c) {
        if (c.quantity < 1 || of(c.hold) != c.quantity.value()) return false;
        return move(held[c.hold.value()], allocated[c.order.value()], c.quantity.value());
    }
    bool does(const Unallocate& c) {
        return c.quantity >= 1 && move(allocated[c.order.value()], free, c.quantity.value());
    }
    bool does(const Free& c) {
        if (c.quantity < 1) return false;
        auto& mine = allocated[c.order.value()];
        return move(held[c.hold.value()], free, of(c.hold)) &&
               move(mine, free, std::min(mine, c.quantity.value()));
    }
    bool does(const Ship& c) {
        return c.quantity >= 1 && move(allocated[c.order.value()], out, c.quantity.value());
    }
    bool does(const TakeBack& c) {
        return does(Unallocate{c.order, c.quantity}) || does(Return{c.order, c.quantity});
    }
    bool does(const Return& c) { return c.quantity >= 1 && move(out, free, c.quantity.value()); }

    std::int64_t of(const HoldId& hold) { return held[hold.value()]; }
    static bool move(std::int64_t& from, std::int64_t& to, std::int64_t count) {
        if (from < count) return false;
        return from -= count, to += count, true;
    }
    static std::int64_t sum(std::map<std::string, std::int64_t>& places) {
        std::erase_if(places, [](const auto& place) { return place.second == 0; });
        std::int64_t total = 0;
        for (const auto& place : places) total += place.second;
        return total;
    }
};

RC_GTEST_PROP(StockProperty, AgreesWithAShelfOfThings, ()) {
    State state;
    Shelf shelf;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(200, commands())) {
        const auto events = decide(state, command);
        const bool done = std::visit([&](const auto& c) { return shelf.does(c); }, command);
        RC_ASSERT(events.has_value() == done);
        if (events) state = kernel::fold(std::move(state), *events);
        RC_ASSERT(state.held.value() == Shelf::sum(shelf.held));
        RC_ASSERT(state.allocated.value() == Shelf::sum(shelf.allocated));
        RC_ASSERT(state.available().value() == shelf.free);
        RC_ASSERT(state.out.value() == shelf.out);
        RC_ASSERT(state.holds.size() == shelf.held.size());
    }
}

RC_GTEST_PROP(StockProperty, UnitsAreConservedAndAHoldEndsOnce, ()) {
    State state;
    Quantity received = 0, adjusted = 0, shipped = 0, returned = 0;
    std::map<HoldId, int> reserved, ended;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(200, commands())) {
        const auto events = decide(state, command);
        if (!events) continue;
        for (const Event& event : *events) {
            if (const auto* e = std::get_if<Received>(&event)) received += e->quantity;
            if (const auto* e = std::get_if<Adjusted>(&event)) adjusted += e->delta;
            if (const auto* e = std::get_if<Shipped>(&event)) shipped += e->quantity;
            if (const auto* e = std::get_if<Returned>(&event)) returned += e->quantity;
            if (const auto* e = std::get_if<Reserved>(&event)) ++reserved[e->hold];
            if (const auto* e = std::get_if<Released>(&event)) ++ended[e->hold];
            if (const auto* e = std::get_if<Allocated>(&event)) ++ended[e->hold];
            state = evolve(std::move(state), event);
        }
        RC_ASSERT(state.available().value() >= 0);
        RC_ASSERT(received + adjusted ==
                  state.available() + state.held + state.allocated + shipped - returned);
        for (const auto& [hold, times] : reserved)
            RC_ASSERT(times - ended[hold] == (state.holds.contains(hold) ? 1 : 0));
    }
}

// Receipts, adjustments, shipments and returns add up when they come twice, by their nature; their
// receipts in the log see to it that they do not. What names a hold does not need that.
RC_GTEST_PROP(StockProperty, AHoldsCommandDecidedTwiceHappensOnce, ()) {
    State state;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(commands())) {
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        if (!std::holds_alternative<Reserve>(command) &&
            !std::holds_alternative<Release>(command) && !std::holds_alternative<Allocate>(command))
            continue;
        const auto second = decide(state, command);
        RC_ASSERT(!second || second->empty());
    }
}

}  // namespace
}  // namespace skald::stock
