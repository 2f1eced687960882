// Orders that are cancelled, searched with the real order and payment beside the saga, also behind
// checkouts that an operator gave up anywhere.
#include "sagas/orders/cancellation.h"

#include "commands/orders.h"
#include "sagas/checkout/checkout.h"
#include "sagas/orders/order_streams.h"
#include "sagas/orders/refund.h"
#include "schemas/order/codec.h"
#include "schemas/payment/codec.h"
#include "schemas/saga/codec.h"
#include "schemas/stock/codec.h"

namespace skald::sagas {
namespace {

using namespace testing;

order::State cancelling_order() {
    return order::evolve(confirmed_order(), order::CancelRequested{"changed my mind", noon});
}

// A saga beside it, where it stands.
saga::State other(saga::Phase phase) {
    auto other = ended_checkout();
    other.phase = phase;
    return other;
}
const saga::State no_refund;

Walk cancelling(const payment::State& payment, saga::Phase checkout_at = saga::Phase::completed,
                const saga::State& refund = no_refund) {
    Walk walk{cancellation(), {cancelling_order(), payment, other(checkout_at), refund}};
    EXPECT_EQ(walk.hear(Start{"s", "", ""}), "");
    return walk;
}

// No end leaves the order `cancelling`, and what is put back has its money.
std::string fault_of(const std::any& now, saga::Phase phase) {
    const auto status = order_in(now).status;
    const auto& payment = payment_in(now);
    if ((phase == saga::Phase::completed || phase == saga::Phase::undone) &&
        status == order::Status::cancelling)
        return "it has ended, and the order is cancelling";
    if (status == order::Status::confirmed &&
        (payment.authorisation != payment::Authorisation::authorised || payment.voiding))
        return "put back without money";
    return {};
}

TEST(CancellationSearch, GivesUpThePromiseBeforeItSaysCancelled) {
    const auto report = search(
        cancellation(), {cancelling_order(), authorised_payment(), ended_checkout(), no_refund},
        "s", "", [](const std::any& now, saga::Phase phase) -> std::string {
            const bool voided = payment_in(now).authorisation == payment::Authorisation::voided;
            if (order_in(now).status == order::Status::cancelled && !voided)
                return "cancelled, and the money is still promised";
            return fault_of(now, phase);
        });
    EXPECT_TRUE(report.ends.contains(saga::Phase::undone));
}

TEST(Cancellation, WaitsForACheckoutUnderWay) {
    auto walk = cancelling(authorised_payment(), saga::Phase::forward);
    EXPECT_EQ(walk.at(), "forward checkout_over");
    EXPECT_EQ(walk.hear(Signal{"checkout_over"}), "");
    EXPECT_EQ(walk.at(), "forward give_up");
}

TEST(CancellationSearch, GivesTheMoneyBackWhereItWasTaken) {
    const auto told = [](const std::any& now, saga::Phase phase) -> std::string {
        if (phase == saga::Phase::completed && order_in(now).refund_due != kernel::Money{110, euro})
            return "the customer is not told of the refund";
        return fault_of(now, phase);
    };
    const Streams streams{cancelling_order(), captured_payment(), ended_checkout(),
                          other(saga::Phase::abandoned)};
    const auto report = search(cancellation(), streams, "s", "", told);
    EXPECT_TRUE(report.ends.contains(saga::Phase::undone));
}

// The refund was stuck and not given up, and had not asked for the money yet or had been refused:
// the order was put back and shipped, and a retry of the refund gave the money back besides.
TEST(CancellationSearch, IsNotPutBackWhileTheRefundMayBeRetried) {
    for (const auto& refund : {no_refund, other(saga::Phase::forward), other(saga::Phase::stuck)}) {
        const auto report = search(
            cancellation(), {cancelling_order(), captured_payment(), ended_checkout(), refund}, "s",
            "", [](const std::any& now, saga::Phase phase) -> std::string {
                if (order_in(now).status == order::Status::confirmed) return "put back";
                return fault_of(now, phase);
            });
        EXPECT_FALSE(report.ends.contains(saga::Phase::undone));
    }
}

// A cancellation was given up before its refund had begun: the order said what was due to the
// customer, and nobody ever gave it back.
TEST(Cancellation, AsksForTheRefundThatNobodyHasBegun) {
    const kernel::RefundId id("cancellation");
    const auto stuck = [&](const saga::State& refund) {
        auto walk = cancelling(captured_payment(), saga::Phase::completed, refund);
        EXPECT_EQ(walk.at(), "forward refund");
        EXPECT_EQ(walk.hear_due(), "");
        EXPECT_EQ(walk.at(), "stuck refund");
        return walk;
    };
    for (const auto action : {RepairAction::abandon, RepairAction::skip}) {
        auto walk = stuck(no_refund);
        EXPECT_EQ(walk.hear(repair(action)), "");
        EXPECT_TRUE(walk.payment().refunds.contains(id)) << name_of(action);
        EXPECT_EQ(walk.payment().refunding, (kernel::Money{110, euro})) << name_of(action);
        if (action == RepairAction::abandon) {
            EXPECT_EQ(walk.order().refund_due, (kernel::Money{110, euro}));
        }
        // It is the refund that the cancellation would have begun.
        const auto child = walk.process->child(stuck(no_refund).saga, "refund");
        const auto asked = schemas::payment::encode(
            payment::RefundRequested{id, {110, euro}, walk.payment().refunds.at(id).reason});
        const auto heard =
            refund_ears(stored(commands::payment_stream(kernel::PaymentId("s.1")), 5, asked));
        ASSERT_EQ(heard.size(), 1u);
        EXPECT_EQ(heard[0].subject, child.subject);
        EXPECT_EQ(std::get<Start>(heard[0].input).input, child.input);
        // One that has begun goes on by itself, and one that was given up is not asked for again.
        for (const auto phase : {saga::Phase::stuck, saga::Phase::abandoned}) {
            auto begun = stuck(other(phase));
            EXPECT_EQ(begun.hear(repair(action)), "");
            EXPECT_TRUE(begun.payment().refunds.empty()) << name_of(phase);
        }
    }
    // Somebody gave the money back meanwhile: nothing is due any more.
    auto courtesy = captured_payment();
    const kernel::RefundId other_id("courtesy");
    payment::apply(courtesy, payment::RefundRequested{other_id, {110, euro}, "late"});
    auto walk = stuck(no_refund);
    walk.streams[1] = payment::evolve(courtesy, payment::Refunded{other_id, {110, euro}});
    EXPECT_EQ(walk.hear(repair(RepairAction::abandon)), "");
    EXPECT_EQ(walk.order().status, order::Status::cancelled);
    EXPECT_FALSE(walk.payment().refunds.contains(id));
}

// The checkout has undone itself, and cancelled the order.
TEST(Cancellation, LeavesAnOrderAloneThatIsCancelledAlready) {
    const auto cancelled = order::evolve(cancelling_order(), order::Cancelled{{0, euro}});
    Walk walk{cancellation(), {cancelled, authorised_payment(), ended_checkout(), no_refund}};
    EXPECT_EQ(walk.hear(Start{"s", "", ""}), "");
    EXPECT_EQ(walk.at(), "completed");
    EXPECT_EQ(walk.order(), cancelled);
    EXPECT_EQ(walk.payment(), authorised_payment());
}

// A checkout that was given up before the money was promised: the cancellation asked for the
// promise, found none, and the order stayed `cancelling` for ever.
TEST(Cancellation, WhereNoMoneyIsThereIsNothingToGiveUp) {
    const auto initiated =
        payment::evolve({}, payment::Initiated{kernel::OrderId("s"), {110, euro}, "card-ok"});
    const auto voided = payment::evolve(
        payment::evolve(authorised_payment(), payment::VoidRequested{}), payment::Voided{});
    auto refunded = captured_payment();
    const kernel::RefundId courtesy("courtesy");
    payment::apply(refunded, payment::RefundRequested{courtesy, {110, euro}, "late"});
    payment::apply(refunded, payment::Refunded{courtesy, {110, euro}});
    for (const auto& payment :
         {payment::State{}, initiated, payment::evolve(initiated, payment::Declined{"no"}), voided,
          refunded}) {
        auto walk = cancelling(payment, saga::Phase::abandoned);
        EXPECT_EQ(walk.at(), "forward free_goods") << name_of(payment.authorisation);
        for (const std::int32_t item : {0, 1})
            EXPECT_EQ(walk.hear(Replies{"free_goods", false, {{item, saga::Outcome::done, ""}}}),
                      "");
        EXPECT_EQ(walk.at(), "completed");
        EXPECT_EQ(walk.order().status, order::Status::cancelled);
        EXPECT_EQ(walk.order().refund_due, (kernel::Money{0, euro}));
    }
}

// What a checkout that was given up had held and not allocated was to be unallocated.
TEST(Cancellation, FreesGoodsHeldOrAllocatedOrNeither) {
    using kernel::HoldId, kernel::OrderId;
    const auto walk = cancelling(captured_payment(), saga::Phase::abandoned);
    const HoldId hold("s-1");
    const auto there = stock::evolve({}, stock::Received{5, {}});
    const auto held = stock::evolve(there, stock::Reserved{hold, 1});
    const auto allocated = stock::evolve(held, stock::Allocated{hold, OrderId("s"), 1});
    for (const auto& state : {there, held, allocated, stock::State{}}) {
        const Streams streams{state};
        const auto send = cancellation()->send(walk.saga, "free_goods", 1, false, "");
        EXPECT_EQ(send.command.streams.at(0).text(), "stock-D");
        const auto decided = send.command.decide(states_of(streams));
        ASSERT_TRUE(std::holds_alternative<eventstore::Accepted>(decided));
        auto after = state;
        for (const auto& event : std::get<eventstore::Accepted>(decided).events.at(0))
            stock::apply(after,
                         *schemas::stock::decode(event.type, event.schema_version, event.data));
        EXPECT_EQ(after.available(), state.on_hand);
    }
}

// A download whose checkout was past the taking out when the customer changed their mind.
TEST(Cancellation, TakesBackWhatLeftTheStock) {
    auto checkout = ended_checkout();
    checkout.steps.push_back(
        {.name = "take_out", .items = {saga::ItemStatus::done, saga::ItemStatus::refused}});
    Walk walk{cancellation(), {cancelling_order(), captured_payment(), checkout, no_refund}};
    EXPECT_EQ(walk.hear(Start{"s", "", ""}), "");
    const kernel::HoldId hold("s-0");
    const kernel::OrderId order("s");
    stock::State state;
    for (const stock::Event& event : std::vector<stock::Event>{
             stock::Received{2, {}}, stock::Reserved{hold, 2}, stock::Allocated{hold, order, 2}})
        stock::apply(state, event);
    const auto back = [&](std::int32_t item) {
        const Streams streams{state};
        const auto send = walk.process->send(walk.saga, "free_goods", item, false, "");
        const auto decided = send.command.decide(states_of(streams));
        const auto& events = std::get<eventstore::Accepted>(decided).events.at(0);
        return events.empty() ? std::string() : events.front().type;
    };
    EXPECT_EQ(back(1), "stock.unallocated") << "it was never taken out";
    stock::apply(state, stock::Shipped{order, 2});
    EXPECT_EQ(back(0), "stock.returned");
}

// Nobody told the order that its cancelling was undone: it stayed `cancelling` for ever.
TEST(Cancellation, UndoneByAnOperatorTheOrderIsWhatItWas) {
    auto walk = cancelling(authorised_payment());
    EXPECT_EQ(walk.hear(Claim{"give_up"}), "");
    EXPECT_EQ(walk.hear(AttemptResult{"give_up", false, saga::Outcome::refused, "no", ""}), "");
    EXPECT_EQ(walk.at(), "stuck give_up");
    EXPECT_EQ(walk.hear(repair(RepairAction::undo)), "");
    EXPECT_EQ(walk.at(), "undone");
    EXPECT_EQ(walk.order().status, order::Status::confirmed);
    EXPECT_TRUE(walk.order().cancel_refused);
    EXPECT_FALSE(walk.payment().voiding);
}

// A download that is paid for has nothing more to wait for.
TEST(Cancellation, UndoneByAnOperatorWhatIsPaidAndDoesNotShipIsComplete) {
    const order::Placed placed{kernel::AccountId("ann"),
                               {{kernel::Sku("D"), "Song", {}, 1, {110, euro}, {110, euro}, false}},
                               {110, euro},
                               "card-ok",
                               noon};
    const auto confirmed =
        order::evolve(order::evolve({}, placed), order::Confirmed{kernel::PaymentId("s.1")});
    Walk walk{cancellation(),
              {order::evolve(confirmed, order::CancelRequested{"x", noon}), captured_payment(),
               ended_checkout(), other(saga::Phase::abandoned)}};
    EXPECT_EQ(walk.hear(Start{"s", "", ""}), "");
    EXPECT_EQ(walk.hear(Signal{"refund", "given_up"}), "");
    EXPECT_EQ(walk.at(), "stuck refund");
    EXPECT_EQ(walk.hear(repair(RepairAction::undo)), "");
    EXPECT_EQ(walk.order().status, order::Status::completed);
}

TEST(Cancellation, IsNotUndoneWhereTheOrderCannotGoOn) {
    const kernel::RefundId id("cancellation");
    auto refunding = captured_payment();
    payment::apply(refunding, payment::RefundRequested{id, {110, euro}, "order cancelled"});
    const auto refunded = payment::evolve(refunding, payment::Refunded{id, {110, euro}});
    const auto stuck_at_refund = [](const payment::State& now,
                                    saga::Phase child = saga::Phase::completed) {
        auto walk = cancelling(captured_payment(), saga::Phase::completed, other(child));
        EXPECT_EQ(walk.hear(Signal{"refund", "given_up"}), "");
        walk.streams[1] = now;
        return walk;
    };
    auto stuck_at_goods = cancelling(payment::State{}, saga::Phase::abandoned);
    EXPECT_EQ(
        stuck_at_goods.hear(Replies{"free_goods", false, {{0, saga::Outcome::refused, "no"}}}), "");
    auto waiting = cancelling(authorised_payment(), saga::Phase::forward);
    EXPECT_EQ(waiting.hear_due(), "");
    auto giving_up = cancelling(authorised_payment());
    EXPECT_EQ(giving_up.hear(Claim{"give_up"}), "");
    EXPECT_EQ(giving_up.hear(AttemptResult{"give_up", false, saga::Outcome::unknown, "", ""}), "");
    EXPECT_EQ(giving_up.hear_due(), "");
    for (auto [walk, code] : std::vector<std::pair<Walk, std::string>>{
             {waiting, "checkout_under_way"},
             {giving_up, "money_on_its_way_back"},
             {stuck_at_refund(captured_payment(), saga::Phase::stuck), "refund_under_way"},
             {stuck_at_refund(refunding, saga::Phase::stuck), "refund_under_way"},
             {stuck_at_refund(refunding), "money_on_its_way_back"},
             {stuck_at_refund(refunded), "money_on_its_way_back"},
             {stuck_at_goods, "cannot_be_undone: free_goods"}}) {
        const auto before = walk.at();
        EXPECT_TRUE(before.starts_with("stuck")) << before;
        EXPECT_EQ(walk.hear(repair(RepairAction::undo)), code);
        EXPECT_EQ(walk.at(), before);
        EXPECT_EQ(walk.order().status, order::Status::cancelling);
    }
    EXPECT_EQ(stuck_at_refund(payment::evolve(refunding, payment::RefundFailed{id, "no"}))
                  .hear(repair(RepairAction::undo)),
              "");
}

// A second request found the first one's saga, which had ended, and the order stayed `cancelling`.
TEST(Cancellation, ARequestBehindARefusedOneHasASagaOfItsOwn) {
    const auto event = schemas::order::encode(order::CancelRequested{"x", noon});
    const auto order = commands::order_stream(kernel::OrderId("s"));
    for (const auto& [version, subject] : std::vector<std::pair<std::int64_t, std::string>>{
             {2, "s"}, {3, "s"}, {4, "s.4"}, {5, "s.5"}}) {
        const auto heard = cancellation_ears(stored(order, version, event));
        ASSERT_EQ(heard.size(), 1u);
        EXPECT_EQ(heard[0].subject, subject);
        EXPECT_EQ(std::get<Start>(heard[0].input).subject, subject);
    }
    Walk again{cancellation(),
               {cancelling_order(), captured_payment(), ended_checkout(), no_refund}};
    auto beside = again.process->companion_streams("s");
    beside.back() = saga_stream("refund", "s.1.cancellation-5");
    EXPECT_EQ(again.process->companion_streams("s.5"), beside);
    EXPECT_EQ(again.hear(Start{"s.5", "", ""}), "");
    EXPECT_EQ(again.process->child(again.saga, "refund").subject, "s.1.cancellation-5");
    EXPECT_EQ(again.process->send(again.saga, "free_goods", 0, false, "").command.streams[0].text(),
              "stock-S");
}

// A checkout whose last undoing an operator skipped noted nothing, and nobody heard of its end.
TEST(Cancellation, HearsOfACheckoutThatAnOperatorEnded) {
    saga::Repaired repaired{"skip", "accept", "op", "why", {}, {}};
    repaired.move.at = noon;
    const auto checkout = saga_stream("checkout", "s");
    for (const auto phase : {saga::Phase::undone, saga::Phase::abandoned, saga::Phase::completed}) {
        repaired.move.phase = phase;
        const auto heard = cancellation_ears(stored(checkout, 9, schemas::saga::encode(repaired)));
        ASSERT_EQ(heard.size(), 1u) << name_of(phase);
        EXPECT_EQ(heard[0].subject, "s");
    }
    repaired.move.phase = saga::Phase::undoing;
    EXPECT_TRUE(cancellation_ears(stored(checkout, 9, schemas::saga::encode(repaired))).empty());
}

}  // namespace
}  // namespace skald::sagas
