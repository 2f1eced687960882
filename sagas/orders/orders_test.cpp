// What is shipped and what is paid back, searched with the real order, payment and shipment beside
// it: every order of answers, losses, late requests, deadlines and repairs.
#include "domain/shipment/shipment.h"
#include "sagas/orders/fulfilment.h"
#include "sagas/orders/order_streams.h"
#include "sagas/orders/refund.h"
#include "sagas/orders/returns.h"

namespace skald::sagas {
namespace {

using namespace testing;

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

// What does not ship was paid for with the first shipment, and stayed in stock for ever.
TEST(Fulfilment, TakesOutWithTheFirstShipmentWhatNeedsNoCarrying) {
    const std::vector<kernel::Portion> one{{kernel::Sku("S"), 1}};
    for (const int number : {1, 2}) {
        const auto id = "s." + std::to_string(number);
        Walk walk{
            fulfilment(),
            {order::evolve(confirmed_order(), order::Shipped{kernel::ShipmentId(id), one}),
             authorised_payment(),
             shipment::evolve({}, shipment::Created{kernel::OrderId("s"), one}), ended_checkout()}};
        EXPECT_EQ(walk.hear(Start{id, R"([{"sku":"S","quantity":1}])", ""}), "");
        std::string taken;
        const auto look = [&] {
            taken.clear();
            for (std::int32_t i = 0; i < walk.process->items(walk.saga, "take_out"); ++i)
                taken += walk.process->send(walk.saga, "take_out", i, false, "")
                             .command.streams[0]
                             .text() +
                         " ";
        };
        look();
        EXPECT_EQ(taken, number == 1 ? "stock-S stock-D " : "stock-S ");
        // As it was noted before.
        for (auto& step : walk.saga.steps)
            if (step.name == "prepare")
                step.reference = R"({"authorisation":"auth","amount":60,"currency":"EUR"})";
        look();
        EXPECT_EQ(taken, "stock-S ");
    }
}

// What the provider had refused stayed in flight for ever, and no other shipment could be paid.
TEST(Fulfilment, NothingIsInFlightBehindARefusal) {
    const kernel::ShipmentId id("s.1");
    const std::vector<kernel::Portion> all{{kernel::Sku("S"), 2}};
    Walk walk{
        fulfilment(),
        {order::evolve(confirmed_order(), order::Shipped{id, all}), authorised_payment(),
         shipment::evolve({}, shipment::Created{kernel::OrderId("s"), all}), ended_checkout()}};
    for (const Input& input : std::vector<Input>{
             Start{"s.1", R"([{"sku":"S","quantity":2}])", ""}, Claim{"capture"},
             AttemptResult{"capture", false, saga::Outcome::refused, "declined", ""}})
        EXPECT_EQ(walk.hear(input), "");
    EXPECT_EQ(walk.at(), "stuck capture");
    EXPECT_FALSE(walk.payment().capturing);
}

// A song was in stock still if its checkout went by version 1: returning it would have made a unit
// out of nothing.
TEST(Return, OfWhatNeverLeftTheStockUnallocatesIt) {
    const std::vector<kernel::Portion> all{{kernel::Sku("S"), 2}};
    auto order = order::evolve(confirmed_order(), order::Shipped{kernel::ShipmentId("s.1"), all});
    const auto input =
        R"({"return":"r","lines":[{"sku":"S","quantity":1},{"sku":"D","quantity":1}],)"
        R"("amount":0,"currency":"EUR"})";
    for (const bool completed : {false, true}) {
        if (completed) order::apply(order, order::Completed{});
        Walk walk{returning(), {order}};
        EXPECT_EQ(walk.hear(Start{"s.r", input, ""}), "");
        EXPECT_EQ(walk.at(), "forward restock");
        const kernel::OrderId id("s");
        const kernel::HoldId hold("s-1");
        stock::State state;
        for (const stock::Event& event : std::vector<stock::Event>{
                 stock::Received{1, {}}, stock::Reserved{hold, 1}, stock::Allocated{hold, id, 1}})
            stock::apply(state, event);
        const auto answer = [&](std::int32_t item) {
            const Streams streams{state};
            const auto decided = walk.process->send(walk.saga, "restock", item, false, "")
                                     .command.decide(states_of(streams));
            if (const auto* refused = std::get_if<eventstore::Refusal>(&decided))
                return refused->code;
            return std::get<eventstore::Accepted>(decided).events.at(0).at(0).type;
        };
        EXPECT_EQ(answer(0), "stock_more_than_shipped");
        EXPECT_EQ(answer(1), completed ? "stock.unallocated" : "stock_more_than_shipped");
        stock::apply(state, stock::Shipped{id, 1});
        EXPECT_EQ(answer(1), "stock.returned");
    }
}

TEST(RefundSearch, GivesTheMoneyBackOnce) {
    const auto child =
        refund_child({kernel::OrderId("s"), kernel::RefundId("r"), {30, euro}, "broken"});
    EXPECT_EQ(child.subject, "s.1.r");
    // With two attempts: what was refused is tried again.
    for (const int attempts : {1, 2}) {
        search(refund(), {confirmed_order(), captured_payment()}, child.subject, child.input,
               [](const std::any& now, saga::Phase phase) -> std::string {
                   const auto refunded = payment_in(now).refunded.amount;
                   if (refunded != 0 && refunded != 30)
                       return "refunded " + std::to_string(refunded);
                   if (phase == saga::Phase::completed && refunded != 30) return "not refunded";
                   return {};
               },
               {.attempts_max = attempts, .repairs_max = 1, .aborts = false});
    }
}

// Refused, it counted as failed while its saga could be retried: a clerk gave the money back by
// another refund, and a retry of the first one gave it back again.
TEST(Refund, KeepsItsMoneyWhileItMayBeRetried) {
    const kernel::RefundId id("r");
    const auto child = refund_child({kernel::OrderId("s"), id, {30, euro}, "broken"});
    for (const bool doubted : {false, true}) {
        Walk walk{refund(), {confirmed_order(), captured_payment()}};
        EXPECT_EQ(walk.hear(Start{child.subject, child.input, ""}), "");
        EXPECT_EQ(walk.hear(Claim{"refund"}), "");
        if (doubted) {
            const AttemptResult lost{"refund", false, saga::Outcome::unknown, "", ""};
            EXPECT_EQ(walk.hear(lost), "");
        }
        const AttemptResult refused{"refund", false, saga::Outcome::refused, "no", "", doubted};
        EXPECT_EQ(walk.hear(refused), "");
        ASSERT_EQ(walk.at(), "stuck refund");
        EXPECT_EQ(walk.payment().refunding.amount, 30);
        EXPECT_TRUE(walk.payment().unknown.empty());
        for (const auto action : {RepairAction::record_refused, RepairAction::abandon}) {
            auto given_up = walk;
            EXPECT_EQ(given_up.hear(Repair{action, "op", "why"}), "");
            EXPECT_EQ(given_up.payment().refunding.amount, 0) << kernel::name_of(action);
            EXPECT_EQ(given_up.payment().refunds.at(id).status, payment::RefundStatus::failed);
        }
        EXPECT_EQ(walk.hear(Repair{RepairAction::retry, "op", "why"}), "");
        EXPECT_EQ(walk.hear(Claim{"refund"}), "");
        EXPECT_TRUE(walk.saga.find("refund")->forward.open);
        EXPECT_EQ(walk.payment().refunding.amount, 30);
        // As it was recorded before: nobody has kept its money for it.
        auto failed = walk;
        failed.streams[1] = payment::evolve(walk.payment(), payment::RefundFailed{id, "no"});
        for (auto& step : failed.saga.steps) step.forward.open = false;
        EXPECT_EQ(failed.hear(Claim{"refund"}), "");
        EXPECT_EQ(failed.at(), "stuck refund");
        EXPECT_EQ(failed.payment().refunding.amount, 0);
    }
}

// A refund that somebody asked for and an operator gave up stayed `refunding` for ever, and its
// money could not be given back in any other way.
TEST(Refund, ThatIsGivenUpIsNoLongerAwaited) {
    const auto child =
        refund_child({kernel::OrderId("s"), kernel::RefundId("r"), {30, euro}, "broken"});
    const auto asked_for = payment::evolve(
        captured_payment(), payment::RefundRequested{kernel::RefundId("r"), {30, euro}, "broken"});
    const auto stuck = [&] {
        Walk walk{refund(), {confirmed_order(), asked_for}};
        for (const Input& input :
             std::vector<Input>{Start{child.subject, child.input, ""}, Claim{"refund"},
                                AttemptResult{"refund", false, saga::Outcome::not_sent, "", ""}})
            EXPECT_EQ(walk.hear(input), "");
        EXPECT_EQ(walk.hear_due(), "");
        EXPECT_EQ(walk.at(), "stuck refund");
        return walk;
    };
    for (const auto& [action, end] :
         std::vector<std::pair<RepairAction, const char*>>{{RepairAction::undo, "undone"},
                                                           {RepairAction::skip, "completed"},
                                                           {RepairAction::abandon, "abandoned"}}) {
        auto walk = stuck();
        EXPECT_EQ(walk.hear(Repair{action, "op", "why"}), "");
        EXPECT_EQ(walk.at(), end);
        EXPECT_EQ(walk.payment().refunding.amount, 0) << end;
        EXPECT_EQ(walk.payment().refunds.at(kernel::RefundId("r")).status,
                  payment::RefundStatus::failed)
            << end;
    }
    // Never tried: there was no promise of money to give back from.
    Walk unready{refund(), {confirmed_order(), asked_for}};
    auto unpromised = asked_for;
    unpromised.promise.reset();
    unpromised.authorisation = payment::Authorisation::declined;
    unpromised.captured.amount = 0;
    unready.streams[1] = unpromised;
    unready.hear(Start{child.subject, child.input, ""});
    ASSERT_EQ(unready.at(), "stuck prepare");
    for (const auto action :
         {RepairAction::undo, RepairAction::record_refused, RepairAction::abandon}) {
        auto walk = unready;
        EXPECT_EQ(walk.hear(Repair{action, "op", "why"}), "");
        EXPECT_EQ(walk.payment().refunding.amount, 0) << kernel::name_of(action);
    }
}

// What is owed for goods that came back is reckoned by it, also where it was never asked for.
TEST(Refund, ThatIsGivenUpBeforeItIsAskedForIsOnRecord) {
    const auto child =
        refund_child({kernel::OrderId("s"), kernel::RefundId("r"), {30, euro}, "broken"});
    Walk walk{refund(), {confirmed_order(), captured_payment()}};
    walk.hear(Start{child.subject, child.input, ""});
    EXPECT_EQ(walk.hear_due(), "");
    ASSERT_EQ(walk.at(), "stuck refund");
    EXPECT_EQ(walk.hear(Repair{RepairAction::abandon, "op", "why"}), "");
    EXPECT_EQ(walk.payment().refunds.at(kernel::RefundId("r")).status,
              payment::RefundStatus::failed);
    EXPECT_EQ(walk.payment().refunding.amount, 0);
}

// Goods came back before their money had been taken: the refund waits for it.
TEST(Refund, WaitsForTheMoneyToBeTaken) {
    const auto child =
        refund_child({kernel::OrderId("s"), kernel::RefundId("r"), {30, euro}, "broken"});
    Walk walk{refund(), {confirmed_order(), authorised_payment()}};
    EXPECT_EQ(walk.hear(Start{child.subject, child.input, ""}), "");
    const auto begun = walk.saga;
    EXPECT_EQ(walk.hear(Claim{"refund"}), "");
    EXPECT_EQ(walk.saga, begun) << "too early";
    walk.streams[1] = captured_payment();
    EXPECT_EQ(walk.hear(Claim{"refund"}), "");
    EXPECT_TRUE(walk.saga.find("refund")->forward.open);
}

}  // namespace
}  // namespace skald::sagas
