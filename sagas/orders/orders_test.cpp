// What may become of an order behind its checkout, searched with the real order, payment and
// shipment beside it: every order of answers, losses, late requests, deadlines and repairs.
#include <gtest/gtest.h>

#include "commands/payments.h"
#include "domain/kernel/enum_name.h"
#include "domain/shipment/shipment.h"
#include "sagas/engine/search/search.h"
#include "sagas/orders/cancellation.h"
#include "sagas/orders/fulfilment.h"
#include "sagas/orders/refund.h"
#include "sagas/orders/returns.h"
#include "sagas/shop/shop_companions.h"

namespace skald::sagas {
namespace {

using kernel::name_of;
using testing::Beside;
using testing::Search;
using testing::SearchOptions;
using testing::SearchReport;

constexpr kernel::Currency euro{"EUR"};
const kernel::Timestamp noon(1'700'000'000'000'000);
constexpr SearchOptions nobody_aborts{.attempts_max = 1, .repairs_max = 1, .aborts = false};

// One thing that ships, for 100, and one that does not, for 10.
order::State confirmed_order() {
    const order::Placed placed{kernel::AccountId("ann"),
                               {{kernel::Sku("S"), "Thing", {}, 2, {50, euro}, {100, euro}, true},
                                {kernel::Sku("D"), "Song", {}, 1, {10, euro}, {10, euro}, false}},
                               {110, euro},
                               "card-ok",
                               noon};
    return order::evolve(order::evolve({}, placed),
                         order::Confirmed{commands::payment_of(kernel::OrderId("s"))});
}

payment::State authorised_payment() {
    return payment::evolve(
        payment::evolve({}, payment::Initiated{kernel::OrderId("s"), {110, euro}, "card-ok"}),
        payment::Authorised{"auth", noon, {110, euro}});
}

payment::State captured_payment() {
    return payment::evolve(
        payment::evolve(authorised_payment(), payment::CaptureRequested{{110, euro}}),
        payment::Captured{{110, euro}, "cap"});
}

// The states of a process's companion streams, of which the first are an order and its payment.
using Streams = std::vector<std::any>;
const Streams& streams_of(const std::any& beside) {
    return *std::any_cast<std::shared_ptr<const Streams>>(beside);
}
const order::State& order_in(const std::any& beside) {
    return *std::any_cast<order::State>(&streams_of(beside)[0]);
}
const payment::State& payment_in(const std::any& beside) {
    return *std::any_cast<payment::State>(&streams_of(beside)[1]);
}

std::string key_of(const std::any& beside) {
    const auto& payment = payment_in(beside);
    return std::string(name_of(order_in(beside).status)) + "/" +
           std::string(name_of(payment.authorisation)) + "/" +
           std::to_string(payment.captured.amount) + "," + std::to_string(payment.refunded.amount) +
           "," + std::to_string(payment.refunding.amount) + std::to_string(payment.voiding) +
           std::to_string(payment.capturing.has_value()) + std::to_string(payment.unknown.size()) +
           ";";
}

SearchReport search(const std::shared_ptr<const Process>& process, Streams streams,
                    const std::string& subject, const std::string& input,
                    std::function<std::string(const std::any&, saga::Phase)> fault) {
    Beside beside;
    beside.first = std::make_shared<const Streams>(std::move(streams));
    beside.open = [process](const std::any& now) {
        std::vector<eventstore::States::Entry> entries;
        for (const auto& state : streams_of(now))
            entries.push_back({&state, eventstore::Version(1)});
        return process->companions(eventstore::States(std::move(entries)), 0);
    };
    beside.close = [before = beside.first](const Companions& companions) -> std::any {
        auto after = streams_of(before);
        const auto& real = dynamic_cast<const ShopCompanions&>(companions);
        after[0] = real.order;
        after[1] = real.payment;
        return std::make_shared<const Streams>(std::move(after));
    };
    beside.key = key_of;
    beside.fault = std::move(fault);
    const auto report = Search(*process, nobody_aborts, beside).run(input, subject);
    for (const auto& found : report.faults) ADD_FAILURE() << found;
    std::printf("%s: %zu places, %zu ways between them\n",
                std::string(process->definition().saga).c_str(), report.places, report.steps);
    EXPECT_TRUE(report.ends.contains(saga::Phase::completed));
    EXPECT_TRUE(report.ends.contains(saga::Phase::abandoned));
    return report;
}

saga::State ended_checkout() {
    saga::State checkout;
    checkout.exists = true;
    checkout.phase = saga::Phase::completed;
    return checkout;
}

order::State cancelling_order() {
    return order::evolve(confirmed_order(), order::CancelRequested{"changed my mind", noon});
}

TEST(CancellationSearch, GivesUpThePromiseBeforeItSaysCancelled) {
    const auto report = search(
        cancellation(), {cancelling_order(), authorised_payment(), ended_checkout()}, "s", "",
        [](const std::any& now, saga::Phase) -> std::string {
            const bool voided = payment_in(now).authorisation == payment::Authorisation::voided;
            if (order_in(now).status == order::Status::cancelled && !voided)
                return "cancelled, and the money is still promised";
            return {};
        });
    EXPECT_FALSE(report.ends.contains(saga::Phase::undone));
}

TEST(CancellationSearch, WaitsForACheckoutUnderWay) {
    auto checkout = ended_checkout();
    checkout.phase = saga::Phase::forward;
    const auto process = cancellation();
    const Streams streams{cancelling_order(), authorised_payment(), checkout};
    const eventstore::States states({{&streams[0], eventstore::Version(1)},
                                     {&streams[1], eventstore::Version(1)},
                                     {&streams[2], eventstore::Version(1)}});
    auto companions = process->companions(states, 0);
    const auto started = react(*process, {}, Start{"s", "", ""}, *companions, noon);
    ASSERT_TRUE(started);
    const auto state = saga::evolve({}, started->at(0));
    EXPECT_EQ(state.current->step, "checkout_over");
    const auto heard = react(*process, state, Signal{"checkout_over"}, *companions, noon);
    ASSERT_TRUE(heard);
    EXPECT_EQ(saga::evolve(state, heard->at(0)).current->step, "give_up");
}

TEST(CancellationSearch, GivesTheMoneyBackWhereItWasTaken) {
    const auto report =
        search(cancellation(), {cancelling_order(), captured_payment(), ended_checkout()}, "s", "",
               [](const std::any& now, saga::Phase phase) -> std::string {
                   if (phase == saga::Phase::completed &&
                       order_in(now).refund_due != kernel::Money{110, euro})
                       return "the customer is not told of the refund";
                   return {};
               });
    EXPECT_FALSE(report.ends.contains(saga::Phase::undone));
}

// The checkout has undone itself, and cancelled the order.
TEST(CancellationSearch, LeavesAnOrderAloneThatIsCancelledAlready) {
    const auto cancelled = order::evolve(cancelling_order(), order::Cancelled{{0, euro}});
    const auto process = cancellation();
    const Streams streams{cancelled, authorised_payment(), ended_checkout()};
    const eventstore::States states({{&streams[0], eventstore::Version(1)},
                                     {&streams[1], eventstore::Version(1)},
                                     {&streams[2], eventstore::Version(1)}});
    auto companions = process->companions(states, 0);
    const auto started = react(*process, {}, Start{"s", "", ""}, *companions, noon);
    ASSERT_TRUE(started);
    EXPECT_EQ(saga::evolve({}, started->at(0)).phase, saga::Phase::completed);
    for (const auto& events : companions->events("")) EXPECT_TRUE(events.empty());
}

TEST(FulfilmentSearch, TakesTheMoneyBeforeTheGoodsLeave) {
    const kernel::ShipmentId id("s.1");
    const std::vector<kernel::Portion> all{{kernel::Sku("S"), 2}};
    const auto report = search(
        fulfilment(),
        {order::evolve(confirmed_order(), order::Shipped{id, all}), authorised_payment(),
         shipment::evolve({}, shipment::Created{kernel::OrderId("s"), all}), ended_checkout()},
        "s.1", R"([{"sku":"S","quantity":2}])",
        [](const std::any& now, saga::Phase) -> std::string {
            if (order_in(now).status == order::Status::completed &&
                payment_in(now).captured != kernel::Money{110, euro})
                return "completed, and not paid";
            return {};
        });
    EXPECT_FALSE(report.ends.contains(saga::Phase::undone));
}

// A part of the order: what has to be carried is charged as it ships, the rest with the first.
TEST(FulfilmentSearch, ChargesWhatShips) {
    const std::vector<kernel::Portion> one{{kernel::Sku("S"), 1}};
    for (const int number : {1, 2}) {
        const std::string id = "s." + std::to_string(number);
        auto previous = ended_checkout();
        search(
            fulfilment(),
            {order::evolve(confirmed_order(), order::Shipped{kernel::ShipmentId(id), one}),
             authorised_payment(),
             shipment::evolve({}, shipment::Created{kernel::OrderId("s"), one}), previous},
            id, R"([{"sku":"S","quantity":1}])",
            [number](const std::any& now, saga::Phase phase) -> std::string {
                const std::int64_t charged = number == 1 ? 60 : 50;
                if (phase == saga::Phase::completed && payment_in(now).captured.amount != charged)
                    return "charged " + std::to_string(payment_in(now).captured.amount);
                if (order_in(now).status == order::Status::completed)
                    return "completed with goods to ship";
                return {};
            });
    }
}

// What the provider had refused stayed in flight for ever, and no other shipment could be paid.
TEST(Fulfilment, NothingIsInFlightBehindARefusal) {
    const kernel::ShipmentId id("s.1");
    const std::vector<kernel::Portion> all{{kernel::Sku("S"), 2}};
    const auto process = fulfilment();
    Streams streams{order::evolve(confirmed_order(), order::Shipped{id, all}), authorised_payment(),
                    shipment::evolve({}, shipment::Created{kernel::OrderId("s"), all}),
                    ended_checkout()};
    saga::State state;
    for (const Input& input : std::vector<Input>{
             Start{"s.1", R"([{"sku":"S","quantity":2}])", ""}, Claim{"capture"},
             AttemptResult{"capture", false, saga::Outcome::refused, "declined", ""}}) {
        std::vector<eventstore::States::Entry> entries;
        for (const auto& stream : streams) entries.push_back({&stream, eventstore::Version(1)});
        const auto companions = process->companions(eventstore::States(std::move(entries)), 0);
        const auto events = react(*process, state, input, *companions, noon);
        ASSERT_TRUE(events);
        for (const auto& event : *events) saga::apply(state, event);
        streams[1] = dynamic_cast<const ShopCompanions&>(*companions).payment;
    }
    EXPECT_EQ(state.phase, saga::Phase::stuck);
    EXPECT_FALSE(std::any_cast<payment::State>(streams[1]).capturing);
}

TEST(RefundSearch, GivesTheMoneyBackOnce) {
    const auto child =
        refund_child({kernel::OrderId("s"), kernel::RefundId("r"), {30, euro}, "broken"});
    EXPECT_EQ(child.subject, "s.1.r");
    search(refund(), {confirmed_order(), captured_payment()}, child.subject, child.input,
           [](const std::any& now, saga::Phase phase) -> std::string {
               const auto refunded = payment_in(now).refunded.amount;
               if (refunded != 0 && refunded != 30) return "refunded " + std::to_string(refunded);
               if (phase == saga::Phase::completed && refunded != 30) return "not refunded";
               return {};
           });
}

// Goods came back before their money had been taken: the refund waits for it.
TEST(Refund, WaitsForTheMoneyToBeTaken) {
    const auto process = refund();
    const auto child =
        refund_child({kernel::OrderId("s"), kernel::RefundId("r"), {30, euro}, "broken"});
    Streams streams{confirmed_order(), authorised_payment()};
    const auto companions = [&] {
        return process->companions(eventstore::States({{&streams[0], eventstore::Version(1)},
                                                       {&streams[1], eventstore::Version(1)}}),
                                   0);
    };
    const auto started =
        react(*process, {}, Start{child.subject, child.input, ""}, *companions(), noon);
    ASSERT_TRUE(started);
    const auto state = saga::evolve({}, started->at(0));
    const auto too_early = react(*process, state, Claim{"refund"}, *companions(), noon);
    ASSERT_TRUE(too_early);
    EXPECT_TRUE(too_early->empty());
    streams[1] = captured_payment();
    const auto claimed = react(*process, state, Claim{"refund"}, *companions(), noon);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->size(), 1u);
}

}  // namespace
}  // namespace skald::sagas
