#include "domain/shipment/shipment.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <sstream>

#include "domain/kernel/enum_name.h"
#include "domain/kernel/impossible.h"

namespace skald::shipment {
namespace {

using kernel::Sku;
using kernel::time_max;
using kernel::time_min;

const OrderId order{"o"};
const Timestamp noon{1'700'000'000'000'000};
const std::vector<Portion> wine{{Sku("wine"), 2}, {Sku("tea"), 1}};
const std::string longest(200, 'r'), too_long(201, 'r');

const State nothing;
const State created = evolve(nothing, Created{order, wine});
const State announced = evolve(nothing, Created{order, wine, "track/1"});
const State shipped = evolve(created, Shipped{"track/1", noon});
const State delivered = evolve(shipped, Delivered{});
const State failed = evolve(created, Failed{"broken"});
const State lost = evolve(shipped, Failed{"lost"});

TEST(Shipment, AcceptsWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        std::vector<Event> then;
    };
    const std::vector<Portion> most{{Sku("wine"), 100'000}};
    const Row rows[] = {
        {"a parcel", nothing, Create{order, wine}, {Created{order, wine}}},
        {"a large one", nothing, Create{order, most}, {Created{order, most}}},
        {"one with a name", nothing, Create{order, wine, longest}, {Created{order, wine, longest}}},
        {"the same parcel again", delivered, Create{order, wine}, {}},
        {"the same with its name", announced, Create{order, wine, "track/1"}, {}},
        {"another name on its way", announced, Ship{"track/2", noon}, {Shipped{"track/2", noon}}},
        {"off it goes", created, Ship{"track/1", noon}, {Shipped{"track/1", noon}}},
        {"at the last moment", created, Ship{longest, time_max}, {Shipped{longest, time_max}}},
        {"gone, as was said", delivered, Ship{"track/1", noon}, {}},
        {"there", shipped, Deliver{}, {Delivered{}}},
        {"there, as was said", delivered, Deliver{}, {}},
        {"broken in the house", created, Fail{"broken"}, {Failed{"broken"}}},
        {"lost on the way", shipped, Fail{longest}, {Failed{longest}}},
        {"lost, as was said", lost, Fail{"lost"}, {}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error());
        EXPECT_TRUE(*decision == row.then) << row.what;
    }
}

TEST(Shipment, RefusesWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        Refusal then;
    };
    const auto create = [](std::vector<Portion> lines) { return Create{order, std::move(lines)}; };
    std::vector<Portion> many;
    for (int i = 0; i < 1001; ++i) many.push_back({Sku("s" + std::to_string(i)), 1});
    const Row rows[] = {
        {"another parcel", created, create({{Sku("wine"), 2}}), Refusal::already_created},
        {"another order's", created, Create{OrderId("p"), wine}, Refusal::already_created},
        {"another name", announced, Create{order, wine, "track/2"}, Refusal::already_created},
        {"a name too late", created, Create{order, wine, "track/1"}, Refusal::already_created},
        {"a name no more", announced, Create{order, wine}, Refusal::already_created},
        {"an empty name", nothing, Create{order, wine, ""}, Refusal::tracking_empty},
        {"a long name", nothing, Create{order, wine, too_long}, Refusal::tracking_too_long},
        {"a bell as name", nothing, Create{order, wine, "\a"}, Refusal::tracking_invalid},
        {"a name before the lines", nothing, Create{order, {}, ""}, Refusal::tracking_empty},
        {"the order before a name", nothing, Create{OrderId("o.1"), wine, ""},
         Refusal::order_invalid},
        {"an order with a dot", nothing, Create{OrderId("o.1"), wine}, Refusal::order_invalid},
        {"an empty parcel", nothing, create({}), Refusal::no_lines},
        {"1001 lines", nothing, create(many), Refusal::too_many_lines},
        {"a sku with a slash", nothing, create({{Sku("a/b"), 1}}), Refusal::sku_invalid},
        {"none of it", nothing, create({{Sku("a"), 0}}), Refusal::quantity_out_of_range},
        {"100001 of it", nothing, create({{Sku("a"), 100'001}}), Refusal::quantity_out_of_range},
        {"a sku twice", nothing, create({{Sku("a"), 1}, {Sku("a"), 1}}), Refusal::duplicate_sku},
        {"the first bad line speaks", nothing, create({{Sku("a"), 0}, {Sku("a/b"), 1}}),
         Refusal::quantity_out_of_range},
        {"send what is not there", nothing, Ship{"t", noon}, Refusal::not_found},
        {"deliver what is not there", nothing, Deliver{}, Refusal::not_found},
        {"lose what is not there", nothing, Fail{"x"}, Refusal::not_found},
        {"without a trace", created, Ship{"", noon}, Refusal::tracking_empty},
        {"a long trace", created, Ship{too_long, noon}, Refusal::tracking_too_long},
        {"a bell as trace", created, Ship{"\a", noon}, Refusal::tracking_invalid},
        {"in the year 0", created, Ship{"t", time_min - 1}, Refusal::shipped_at_out_of_range},
        {"in the year 10000", created, Ship{"t", time_max + 1}, Refusal::shipped_at_out_of_range},
        {"gone twice", shipped, Ship{"track/2", noon}, Refusal::already_shipped},
        {"gone at another time", lost, Ship{"track/1", noon + 1}, Refusal::already_shipped},
        {"send what is broken", failed, Ship{"t", noon}, Refusal::status_forbids},
        {"deliver what has not left", created, Deliver{}, Refusal::status_forbids},
        {"deliver what is lost", lost, Deliver{}, Refusal::status_forbids},
        {"lose what is there", delivered, Fail{"x"}, Refusal::status_forbids},
        {"fail without reason", created, Fail{""}, Refusal::reason_empty},
        {"fail at length", created, Fail{too_long}, Refusal::reason_too_long},
        {"fail in no UTF-8", created, Fail{"\xFF"}, Refusal::reason_invalid},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error()), kernel::name_of(row.then)) << row.what;
    }
}

TEST(ShipmentMatrix, EachCommandInEachState) {
    const Command commands[] = {Create{order, wine}, Ship{"track/1", noon}, Deliver{}, Fail{"x"}};
    struct Row {
        std::string_view what;
        State state;
        std::string answers;  // to the commands above; "-" is status_forbids
    };
    const Row rows[] = {
        {"nothing", nothing, "ok   not_found not_found not_found"},
        {"created", created, "done ok   -    ok"},
        {"announced", announced, "already_created ok - ok"},
        {"shipped", shipped, "done done ok   ok"},
        {"delivered", delivered, "done done done -"},
        {"failed", failed, "done -    -    done"},
        {"lost", lost, "done done -    done"},
    };
    for (const Row& row : rows) {
        std::istringstream answers(row.answers);
        for (const Command& command : commands) {
            std::string expected;
            answers >> expected;
            if (expected == "-") expected = "status_forbids";
            const auto decision = decide(row.state, command);
            EXPECT_EQ(
                decision ? (decision->empty() ? "done" : "ok") : kernel::name_of(decision.error()),
                expected)
                << row.what << ", command " << command.index();
        }
    }
}

TEST(Shipment, AStoredEventThatCannotBeIsThrownNotApplied) {
    struct Row {
        std::string_view what;
        State given;
        Event then;
    };
    const Row rows[] = {
        {"created twice", created, Created{order, wine}},
        {"created twice, then with a name", created, Created{order, wine, "t"}},
        {"shipped before it was created", nothing, Shipped{"t", noon}},
        {"failed before it was created", nothing, Failed{"x"}},
        {"shipped twice", shipped, Shipped{"t", noon}},
        {"shipped after it failed", failed, Shipped{"t", noon}},
        {"delivered before it was shipped", created, Delivered{}},
        {"delivered twice", delivered, Delivered{}},
        {"failed after it was delivered", delivered, Failed{"x"}},
        {"failed twice", failed, Failed{"x"}},
    };
    for (const Row& row : rows)
        EXPECT_THROW(evolve(row.given, row.then), kernel::ImpossibleEvent) << row.what;
}

rc::Gen<Command> commands() {
    using rc::gen::construct;
    const auto command = [](auto gen) { return rc::gen::cast<Command>(gen); };
    return rc::gen::oneOf(
        command(construct<Create>(
            rc::gen::just(order), rc::gen::element(wine, std::vector<Portion>{}),
            rc::gen::element<std::optional<std::string>>(std::nullopt, "a", "b", ""))),
        command(construct<Ship>(rc::gen::element<std::string>("a", "b", ""), rc::gen::just(noon))),
        rc::gen::just(Command(Deliver{})),
        rc::gen::weightedElement<Command>({{1, Fail{"x"}}, {3, Deliver{}}}));
}

RC_GTEST_PROP(ShipmentProperty, OnlyListedTransitionsHappenAndACommandDecidedTwiceHappensOnce, ()) {
    using S = Status;
    const std::set<std::pair<S, S>> arrows = {{S::created, S::shipped},
                                              {S::created, S::failed},
                                              {S::shipped, S::delivered},
                                              {S::shipped, S::failed}};
    State state;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(commands())) {
        const State before = state;
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        if (state.status != before.status)
            RC_ASSERT(arrows.contains({before.status, state.status}));
        if (before.exists) RC_ASSERT(state.contents == before.contents);
        RC_ASSERT(!before.dispatch || state.dispatch == before.dispatch);
        const auto second = decide(state, command);
        RC_ASSERT(second.has_value());
        RC_ASSERT(second->empty());
    }
}

}  // namespace
}  // namespace skald::shipment
