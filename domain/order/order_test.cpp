#include "domain/order/order.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"

namespace skald::order {
namespace {

constexpr auto highest = std::numeric_limits<std::int64_t>::max();
constexpr kernel::Currency eur{"EUR"}, usd{"USD"};
const AccountId ada{"ada"};
const Timestamp noon{1'700'000'000'000'000};

LineRequest line(std::string sku, Quantity quantity, Money price) {
    return {Sku(std::move(sku)), "Title", "Drinks", quantity, price};
}

Place order_of(std::vector<LineRequest> lines) { return {ada, std::move(lines), "card-ok", noon}; }

// An order of three good lines after `change` was made to it.
Place with(auto change) {
    Place place =
        order_of({line("a", 1, {100, eur}), line("b", 2, {250, eur}), line("c", 3, {5, eur})});
    change(place);
    return place;
}

std::vector<LineRequest> many_lines(std::size_t count) {
    std::vector<LineRequest> lines;
    for (std::size_t i = 0; i < count; ++i)
        lines.push_back(line("sku-" + std::to_string(i), 1, {1, eur}));
    return lines;
}

TEST(Order, IsPlacedWithFrozenPricesLineTotalsAndTotal) {
    LineRequest plain = line("b", 100'000, {1, usd});
    plain.department.reset();
    plain.ships = false;
    const auto decision = decide(State{}, order_of({line("a", 3, {1999, usd}), plain}));
    ASSERT_TRUE(decision);
    const Placed placed{ada,
                        {{Sku("a"), "Title", "Drinks", 3, {1999, usd}, {5997, usd}},
                         {Sku("b"), "Title", {}, 100'000, {1, usd}, {100'000, usd}, false}},
                        {105'997, usd},
                        "card-ok",
                        noon};
    ASSERT_EQ(decision->size(), 1u);
    EXPECT_TRUE(std::get<Placed>(decision->at(0)) == placed);
    const State state = kernel::fold(State{}, *decision);
    EXPECT_TRUE(state.exists);
    EXPECT_EQ(kernel::name_of(state.status), "pending");
    EXPECT_EQ(state.total, (Money{105'997, usd}));
    EXPECT_EQ(state.lines.size(), 2u);
}

TEST(Order, MayHaveAThousandLinesAndTheLargestTotal) {
    EXPECT_TRUE(decide(State{}, order_of(many_lines(1000))));
    const auto largest = decide(State{}, order_of({line("a", 1, {total_max, eur})}));
    ASSERT_TRUE(largest);
    EXPECT_EQ(std::get<Placed>(largest->at(0)).total.amount, total_max);
}

TEST(Order, RefusesWithTheLineItIsAbout) {
    struct Row {
        std::string_view what;
        Place when;
        Refusal then;
    };
    const Row rows[] = {
        {"no account",
         with([](Place& p) { p.account = AccountId(""); }),
         {RefusalCode::account_invalid}},
        {"no method",
         with([](Place& p) { p.payment_method = ""; }),
         {RefusalCode::payment_method_invalid}},
        {"a method in two words",
         with([](Place& p) { p.payment_method = "card ok"; }),
         {RefusalCode::payment_method_invalid}},
        {"before the first year",
         with([](Place& p) { p.placed_at = time_min - 1; }),
         {RefusalCode::placed_at_out_of_range}},
        {"after the last year",
         with([](Place& p) { p.placed_at = time_max + 1; }),
         {RefusalCode::placed_at_out_of_range}},
        {"no lines", order_of({}), {RefusalCode::no_lines}},
        {"1001 lines", order_of(many_lines(1001)), {RefusalCode::too_many_lines}},
        {"a sku with a slash",
         with([](Place& p) { p.lines[1].sku = Sku("a/b"); }),
         {RefusalCode::sku_invalid, 1}},
        {"no title", with([](Place& p) { p.lines[2].title = ""; }), {RefusalCode::text_invalid, 2}},
        {"a NUL in a title",
         with([](Place& p) { p.lines[0].title = std::string(1, '\0'); }),
         {RefusalCode::text_invalid, 0}},
        {"an empty department",
         with([](Place& p) { p.lines[1].department = ""; }),
         {RefusalCode::text_invalid, 1}},
        {"a broken department",
         with([](Place& p) { p.lines[1].department = "\xFF"; }),
         {RefusalCode::text_invalid, 1}},
        {"none",
         with([](Place& p) { p.lines[1].quantity = 0; }),
         {RefusalCode::quantity_out_of_range, 1}},
        {"minus one",
         with([](Place& p) { p.lines[0].quantity = -1; }),
         {RefusalCode::quantity_out_of_range, 0}},
        {"100001",
         with([](Place& p) { p.lines[2].quantity = 100'001; }),
         {RefusalCode::quantity_out_of_range, 2}},
        {"for free",
         with([](Place& p) { p.lines[1].unit_price.amount = 0; }),
         {RefusalCode::price_not_positive, 1}},
        {"a sku twice",
         with([](Place& p) { p.lines[2].sku = Sku("a"); }),
         {RefusalCode::duplicate_sku, 2}},
        {"two currencies",
         with([](Place& p) { p.lines[1].unit_price.currency = usd; }),
         {RefusalCode::mixed_currencies, 1}},
        {"a line beyond all numbers",
         with([](Place& p) { p.lines[1].unit_price.amount = highest; }),
         {RefusalCode::total_overflow, 1}},
        {"a sum beyond all numbers",
         with([](Place& p) { p.lines[2].unit_price.amount = highest / 3; }),
         {RefusalCode::total_overflow, 2}},
        {"a line of 10^13 and 1",
         with([](Place& p) { p.lines[0].unit_price.amount = total_max + 1; }),
         {RefusalCode::total_overflow, 0}},
        {"a sum of 10^13 and 1",  // reports add the totals of many orders up
         with([](Place& p) {
             p.lines[0].unit_price.amount = total_max - 1;
             p.lines[1] = line("b", 2, {1, eur});
         }),
         {RefusalCode::total_overflow, 1}},
        {"texts beyond an event's size",
         with([](Place& p) {
             p.lines = many_lines(1000);
             for (auto& l : p.lines) l.title = std::string(500, 't');
         }),
         {RefusalCode::too_large, 433}},
        {"the first bad line speaks",
         with([](Place& p) {
             p.lines[1].quantity = 0;
             p.lines[0].unit_price.amount = 0;
         }),
         {RefusalCode::price_not_positive, 0}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(State{}, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error().code), kernel::name_of(row.then.code))
            << row.what;
        EXPECT_EQ(decision.error().line, row.then.line) << row.what;
    }
    const State placed = kernel::fold(State{}, *decide(State{}, order_of(many_lines(1))));
    for (const Place& again : {order_of(many_lines(1)), order_of({})}) {
        const auto decision = decide(placed, again);
        ASSERT_FALSE(decision);
        EXPECT_EQ(kernel::name_of(decision.error().code), "already_placed");
        EXPECT_EQ(decision.error().line, std::nullopt);
    }
}

TEST(Order, AStoredEventThatCannotBeIsThrownNotApplied) {
    const auto placed = *decide(State{}, order_of(many_lines(1)));
    const State state = kernel::fold(State{}, placed);
    EXPECT_THROW(evolve(state, placed.at(0)), kernel::ImpossibleEvent);
}

RC_GTEST_PROP(OrderProperty, TheTotalIsTheSumOfItsLinesAndPlacingTwiceIsRefused, ()) {
    Place place = order_of({});
    const auto count = *rc::gen::inRange<std::size_t>(1, 40);
    for (std::size_t i = 0; i < count; ++i)
        place.lines.push_back(line("s" + std::to_string(i),
                                   Quantity::of(*rc::gen::inRange<std::int64_t>(1, 100'001)),
                                   {*rc::gen::inRange<std::int64_t>(1, 1'000'000), eur}));
    const auto events = decide(State{}, place);
    RC_ASSERT(events.has_value());
    const State state = kernel::fold(State{}, *events);
    std::int64_t total = 0;
    for (const LineRequest& request : place.lines)
        total += request.quantity.value() * request.unit_price.amount;
    RC_ASSERT(state.total.amount == total);
    RC_ASSERT(state.lines.size() == count);
    RC_ASSERT(!decide(state, place).has_value());
}

}  // namespace
}  // namespace skald::order
