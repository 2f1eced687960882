// What holds of every order after any commands whatsoever, the domain's invariants 3, 6 and 7 among
// it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "domain/order/examples.h"

namespace skald::order {
namespace {

using namespace examples;

rc::Gen<Command> commands() {
    using rc::gen::construct, rc::gen::element, rc::gen::inRange, rc::gen::just;
    const auto money =
        construct<Money>(inRange<std::int64_t>(-1, 40),
                         rc::gen::weightedElement<kernel::Currency>({{9, eur}, {1, usd}}));
    const auto portion = construct<Portion>(
        element(a, b, b, a, song),
        rc::gen::map(inRange<std::int64_t>(0, 3), [](auto n) { return Quantity::of(n); }));
    const auto portions = rc::gen::resize(3, rc::gen::container<std::vector<Portion>>(portion));
    const auto shipments = rc::gen::map(inRange(1, 6), [](int n) {
        return kernel::numbered_id<ShipmentId>(kernel::OrderId("o"), n);
    });
    const auto why = just(std::string("why"));
    const auto command = [](auto gen) { return rc::gen::cast<Command>(gen); };
    return rc::gen::oneOf(
        command(construct<Confirm>(element(p1, p1, p2))),
        command(construct<Reject>(why, element<std::optional<Sku>>(std::nullopt, a, Sku("c")))),
        command(construct<RequestCancel>(why, just(noon))), command(construct<RefuseCancel>(why)),
        command(construct<RefuseCancel>(why)), command(construct<Cancel>(money)),
        command(construct<RecordShipment>(shipments, portions)),
        command(construct<RecordShipment>(shipments, portions)),
        command(construct<RecordShipment>(shipments, portions)),
        command(construct<CancelRest>(why, just(noon), money)),
        command(
            construct<RecordReturn>(element(r1, r2), portions, money,
                                    element<std::optional<std::string>>(std::nullopt, "x", ""))),
        just(Command(Complete{})));
}

// Most runs go past the pivot, where most of the life is.
rc::Gen<State> starts() { return rc::gen::element(pending, confirmed, confirmed, part_shipped); }

using Counts = std::map<Sku, std::int64_t>;
void count(Counts& counts, const std::vector<Portion>& portions) {
    for (const auto& [sku, quantity] : portions) counts[sku] += quantity.value();
}

RC_GTEST_PROP(OrderProperty, EachUnitOrderedIsAllocatedCancelledOrShippedAndPaidForUnlessCancelled,
              ()) {
    State state = *starts();
    Counts shipped_units, returned_units, given_up;
    for (const auto& [id, lines] : state.shipments) count(shipped_units, lines);
    const auto hand_over = [&] {
        for (const Line& line : state.lines)
            if (!line.ships) shipped_units[line.sku] = line.quantity.value();
    };
    if (!state.shipments.empty()) hand_over();
    for (const Command& command : *rc::gen::container<std::vector<Command>>(60, commands())) {
        const auto events = decide(state, command);
        if (!events) continue;
        for (const Event& event : *events) {
            if (const auto* e = std::get_if<Shipped>(&event)) count(shipped_units, e->lines);
            if (std::holds_alternative<Shipped>(event) || std::holds_alternative<Completed>(event))
                hand_over();
            if (const auto* e = std::get_if<ReturnRecorded>(&event))
                count(returned_units, e->lines);
            if (const auto* e = std::get_if<RestCancelled>(&event)) count(given_up, e->lines);
        }
        state = kernel::fold(std::move(state), *events);
        const bool undone = state.status == Status::cancelled || state.status == Status::rejected;
        std::int64_t cost_of_all = 0;
        for (std::size_t i = 0; i < state.lines.size(); ++i) {
            const Line& line = state.lines[i];
            const Progress& units = state.progress[i];
            RC_ASSERT(line.quantity == units.allocated + units.cancelled + units.shipped);
            RC_ASSERT(units.allocated.value() >= 0);
            RC_ASSERT(units.shipped.value() == shipped_units[line.sku]);
            RC_ASSERT(units.returned.value() == returned_units[line.sku]);
            RC_ASSERT(units.returned <= units.shipped);
            RC_ASSERT(units.cancelled.value() ==
                      (undone ? line.quantity.value() : given_up[line.sku]));
            cost_of_all +=
                line.unit_price.amount * (units.allocated.value() + units.shipped.value());
        }
        RC_ASSERT(owed(state).amount == cost_of_all);
        RC_ASSERT(owed(state).amount >= state.refunded.amount);
    }
}

RC_GTEST_PROP(OrderProperty, OnlyListedTransitionsHappenAndTheRestOfTheOrderIsFrozen, ()) {
    using S = Status;
    const std::set<std::pair<S, S>> arrows = {
        {S::pending, S::confirmed},    {S::pending, S::rejected},    {S::pending, S::cancelling},
        {S::confirmed, S::shipped},    {S::confirmed, S::completed}, {S::confirmed, S::cancelling},
        {S::shipped, S::completed},    {S::cancelling, S::pending},  {S::cancelling, S::confirmed},
        {S::cancelling, S::cancelled},
    };
    State state = *starts();
    std::optional<Status> before_request;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(60, commands())) {
        const auto events = decide(state, command);
        if (!events) continue;
        const State before = state;
        state = kernel::fold(std::move(state), *events);
        if (events->empty()) RC_ASSERT(state == before);
        if (state.status != before.status) {
            RC_ASSERT(arrows.contains({before.status, state.status}));
            if (state.status == S::cancelling) before_request = before.status;
            if (before.status == S::cancelling && state.status != S::cancelled)
                RC_ASSERT(state.status == before_request);
        }
        RC_ASSERT(state.lines == before.lines);
        RC_ASSERT(state.total == before.total);
        RC_ASSERT(!before.payment || state.payment == before.payment);
        RC_ASSERT(state.refunded.amount >= 0 && state.refunded.amount <= state.total.amount);
        if (state.status == S::cancelling || state.status == S::cancelled)
            RC_ASSERT(state.shipments.empty());
        if (state.status == S::shipped) RC_ASSERT(!has_unshipped(state));
    }
}

RC_GTEST_PROP(OrderProperty, ACommandDecidedTwiceHappensOnce, ()) {
    State state = *starts();
    for (const Command& command : *rc::gen::container<std::vector<Command>>(40, commands())) {
        const auto first = decide(state, command);
        if (!first) continue;
        state = kernel::fold(std::move(state), *first);
        const auto second = decide(state, command);
        RC_ASSERT(second.has_value());
        RC_ASSERT(second->empty());
    }
}

// Whatever was decided is the same once the stream is read again from its start.
RC_GTEST_PROP(OrderProperty, TheStreamReadAgainGivesTheSameOrder, ()) {
    std::vector<Event> stream{placed};
    State state = pending;
    for (const Command& command : *rc::gen::container<std::vector<Command>>(60, commands())) {
        const auto events = decide(state, command);
        if (!events) continue;
        state = kernel::fold(std::move(state), *events);
        stream.insert(stream.end(), events->begin(), events->end());
    }
    RC_ASSERT(kernel::fold(State{}, stream) == state);
}

}  // namespace
}  // namespace skald::order
