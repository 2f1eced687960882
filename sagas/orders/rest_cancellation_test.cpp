// The rest of an order that has shipped in part, searched with the real order and payment beside
// the saga, and what comes back of the order afterwards.
#include "sagas/orders/rest_cancellation.h"

#include <cstdlib>

#include "sagas/checkout/checkout.h"
#include "sagas/engine/search/matrix.h"
#include "sagas/orders/fulfilment.h"
#include "sagas/orders/order_streams.h"
#include "sagas/orders/refund.h"
#include "schemas/order/codec.h"
#include "schemas/saga/codec.h"
#include "schemas/stock/codec.h"

namespace skald::sagas {
namespace {

using namespace testing;

const std::vector<kernel::Portion> one{{kernel::Sku("S"), 1}};

// One S of two, and the song, for 60 of 110: 50 are not owed any more.
order::State ended_order(std::int64_t refund_due = 0) {
    const auto shipped =
        order::evolve(confirmed_order(), order::Shipped{kernel::ShipmentId("s.1"), one});
    return order::evolve(
        shipped, order::RestCancelled{"sold out", noon, one, {50, euro}, {refund_due, euro}, 1});
}
payment::State taken(std::int64_t amount) {
    auto payment = authorised_payment();
    payment::apply(payment, payment::CaptureRequested{{amount, euro}});
    payment::apply(payment, payment::Captured{{amount, euro}, "cap"});
    return payment;
}
saga::State shipment(saga::Phase phase) {
    auto shipment = ended_checkout();
    shipment.phase = phase;
    return shipment;
}
// Nobody has begun to give anything back.
Streams streams_with(const order::State& order, const payment::State& payment,
                     saga::Phase shipment_at) {
    return {order, payment, saga::State(), shipment(shipment_at)};
}

Walk walk_of(const payment::State& payment, saga::Phase shipment_at = saga::Phase::completed,
             std::int64_t refund_due = 0) {
    Walk walk{rest_cancellation(), streams_with(ended_order(refund_due), payment, shipment_at)};
    EXPECT_EQ(walk.hear(Start{"s.1", "", ""}), "");
    return walk;
}
void free_goods(Walk& walk) {
    ASSERT_EQ(walk.at(), "forward free_goods");
    ASSERT_EQ(walk.process->items(walk.saga, "free_goods"), 1);
    EXPECT_EQ(walk.hear(Replies{"free_goods", false, {{0, saga::Outcome::done, ""}}}), "");
}
void void_it(Walk& walk) {
    EXPECT_EQ(walk.hear(Claim{"give_up"}), "");
    EXPECT_EQ(walk.hear(AttemptResult{"give_up", false, saga::Outcome::done, "", "void"}), "");
}
// What shipped is sold and paid, whatever becomes of the rest.
std::string rest_fault(const std::any& now, saga::Phase phase) {
    if (payment_in(now).captured.amount < 60) return "what has shipped is not paid any more";
    if (saga::ended(phase) && order_in(now).status != order::Status::completed)
        return "over, and the order is not complete";
    return {};
}
TEST(RestCancellationSearch, GivesUpWhatIsPromisedForIt) {
    for (const int attempts : {1, 2}) {
        const auto report = search(
            rest_cancellation(), streams_with(ended_order(), taken(60), saga::Phase::completed),
            "s.1", "", rest_fault,
            {.attempts_max = attempts, .repairs_max = 1, .aborts = attempts == 1});
        EXPECT_FALSE(report.ends.contains(saga::Phase::undone));
    }
    search(rest_cancellation(), streams_with(ended_order(), taken(60), saga::Phase::stuck), "s.1",
           "", rest_fault);
}

// Where more was taken than has shipped, it is given back.
TEST(RestCancellationSearch, GivesBackWhatWasTakenForIt) {
    search(rest_cancellation(), streams_with(ended_order(50), taken(110), saga::Phase::completed),
           "s.1", "", [](const std::any& now, saga::Phase) -> std::string {
               return order_in(now).refund_due == kernel::Money{50, euro} ? "" : "nothing is due";
           });
    auto walk = walk_of(taken(110), saga::Phase::completed, 50);
    free_goods(walk);
    EXPECT_EQ(walk.at(), "forward refund");
    const auto child = walk.process->child(walk.saga, "refund");
    EXPECT_EQ(child.subject, "s.1.cancellation-rest");
    EXPECT_NE(child.input.find("\"amount\":50"), std::string::npos) << child.input;
}

// A bug that is put in to see it found: nobody hears what an operator decides.
class Broken : public Process {
  public:
    const Definition& definition() const override { return real_->definition(); }
    std::vector<eventstore::StreamName> companion_streams(const std::string& s) const override {
        return real_->companion_streams(s);
    }
    std::unique_ptr<Companions> companions(const eventstore::States& states,
                                           std::size_t first) const override {
        const auto real = real_->companions(states, first);
        return std::make_unique<Deaf>(dynamic_cast<const ShopCompanions&>(*real));
    }
    std::int32_t items(const saga::State& s, std::string_view step) const override {
        return real_->items(s, step);
    }
    bool skips(const saga::State& s, std::string_view step) const override {
        return real_->skips(s, step);
    }

  private:
    class Deaf : public ShopCompanions {
      public:
        explicit Deaf(const ShopCompanions& real) : ShopCompanions(real.order, real.payment) {}
        Taken take(const saga::State& saga, const Happening& what) override {
            if (by_operator(what.moment)) return {};
            const auto companions = rest_cancellation()->companions(
                states_of(streams_with(order, payment, saga::Phase::completed)), 0);
            auto taken = companions->take(saga, what);
            const auto& real = dynamic_cast<const ShopCompanions&>(*companions);
            order = real.order;
            payment = real.payment;
            return taken;
        }
    };

    const std::shared_ptr<const Process> real_ = rest_cancellation();
};

TEST(RestCancellationSearch, FindsWhatIsBroken) {
    const auto process = std::make_shared<Broken>();
    const auto beside = beside_of(
        process, streams_with(ended_order(), taken(60), saga::Phase::completed), rest_fault);
    const auto report = Search(*process, nobody_aborts, beside).run("", "s.1");
    ASSERT_FALSE(report.faults.empty());
    EXPECT_TRUE(report.faults.front().starts_with("over, and the order is not complete"))
        << report.faults.front();
}

TEST(RestCancellationMatrix, IsAsItWasReviewed) {
    const auto process = rest_cancellation();
    Matrix matrix(
        *process,
        beside_of(process, streams_with(ended_order(), taken(60), saga::Phase::stuck), rest_fault));
    matrix.search(nobody_aborts, "");
    matrix.compare("sagas/orders/rest_cancellation_matrix.txt",
                   std::getenv("SKALD_RECORD") != nullptr);
}

// A void would take away the money that the last shipment is about to take.
TEST(RestCancellation, WaitsForTheLastShipment) {
    auto walk = walk_of(authorised_payment(), saga::Phase::forward);
    EXPECT_EQ(walk.at(), "forward shipment_over");
    walk.streams[1] = taken(60);
    walk.streams[3] = shipment(saga::Phase::completed);
    EXPECT_EQ(walk.hear(Signal{"shipment_over"}), "");
    free_goods(walk);
    EXPECT_EQ(rest_cancellation_call(walk.saga, "give_up", false).amount,
              (kernel::Money{50, euro}));
    EXPECT_EQ(rest_cancellation_call(walk.saga, "give_up", false).authorisation, "auth");
    void_it(walk);
    EXPECT_EQ(walk.at(), "completed");
    EXPECT_EQ(walk.order().status, order::Status::completed);
    EXPECT_EQ(walk.payment().authorisation, payment::Authorisation::voided);
}

TEST(RestCancellation, GoneOnWithByAnOperatorStillWaitsForMoneyOnItsWay) {
    auto walk =
        walk_of(payment::evolve(authorised_payment(), payment::CaptureRequested{{60, euro}}),
                saga::Phase::stuck);
    EXPECT_EQ(walk.hear_due(), "");
    EXPECT_EQ(walk.hear(repair(RepairAction::skip)), "");
    free_goods(walk);
    EXPECT_EQ(walk.hear(Claim{"give_up"}), "");
    EXPECT_EQ(walk.at(), "forward give_up");
    EXPECT_FALSE(walk.payment().voiding);
    walk.streams[1] = taken(60);
    void_it(walk);
    EXPECT_EQ(walk.at(), "completed");
}

// One that had begun to take its money lost it to the void.
TEST(RestCancellation, GoneOnWithByAnOperatorWaitsForAShipmentThatGoesOn) {
    auto walk = walk_of(authorised_payment(), saga::Phase::forward);
    EXPECT_EQ(walk.hear_due(), "");
    EXPECT_EQ(walk.hear(repair(RepairAction::skip)), "");
    free_goods(walk);
    EXPECT_EQ(walk.hear(Claim{"give_up"}), "");
    EXPECT_FALSE(walk.payment().voiding);
    walk.streams[1] = taken(60);
    walk.streams[3] = shipment(saga::Phase::completed);
    void_it(walk);
    EXPECT_EQ(walk.at(), "completed");
}

// Where an operator had the last shipment go ahead, the one before it lost its money to the void.
TEST(RestCancellation, SticksWhileAnEarlierShipmentIsOpen) {
    for (const auto earlier : {saga::Phase::forward, saga::Phase::stuck}) {
        Walk walk{rest_cancellation(),
                  {ended_order(), taken(60), saga::State(), shipment(earlier), ended_checkout()}};
        EXPECT_EQ(walk.process->companion_streams("s.2").size(), walk.streams.size());
        EXPECT_EQ(walk.hear(Start{"s.2", "", ""}), "");
        EXPECT_EQ(walk.at(), "stuck settle");
        EXPECT_EQ(walk.saga.code, "earlier_shipment_open");
        walk.streams[3] = ended_checkout();
        EXPECT_EQ(walk.hear(repair(RepairAction::retry)), "");
        free_goods(walk);
    }
}

// Who gave it up at the void was not told that the refund was never asked for, nor did anybody ask.
TEST(RestCancellation, GivenUpBeforeItsRefundHasBegunItAsksForIt) {
    for (const bool begun : {false, true}) {
        auto payment = authorised_payment();
        payment.authorised.amount = 200;
        payment::apply(payment, payment::CaptureRequested{{110, euro}});
        payment::apply(payment, payment::Captured{{110, euro}, "cap"});
        auto walk = walk_of(payment, saga::Phase::completed, 50);
        if (begun) walk.streams[2] = shipment(saga::Phase::forward);
        free_goods(walk);
        EXPECT_EQ(walk.hear(Claim{"give_up"}), "");
        EXPECT_EQ(walk.hear(AttemptResult{"give_up", false, saga::Outcome::refused, "no", ""}), "");
        EXPECT_EQ(walk.hear(repair(RepairAction::abandon)), "");
        EXPECT_EQ(walk.payment().refunding.amount, begun ? 0 : 50);
        EXPECT_EQ(walk.payment().refunds.contains(commands::rest_refund), !begun);
        EXPECT_EQ(walk.order().status, order::Status::completed);
    }
    for (const auto action : {RepairAction::skip, RepairAction::abandon}) {
        auto walk = walk_of(taken(110), saga::Phase::completed, 50);
        free_goods(walk);
        EXPECT_EQ(walk.hear_due(), "");
        ASSERT_EQ(walk.at(), "stuck refund");
        EXPECT_EQ(walk.hear(repair(action)), "");
        EXPECT_EQ(walk.payment().refunding.amount, 50);
    }
}

// The stock was held for ever, and neither the plan nor the record of the repair said so.
TEST(RestCancellation, GivenUpBeforeItsGoodsAreFreeItSaysThatTheyAreHeld) {
    auto walk = walk_of(taken(60));
    ASSERT_EQ(walk.at(), "forward free_goods");
    EXPECT_EQ(residue(walk.process->definition(), walk.saga).size(), 1u);
    free_goods(walk);
    EXPECT_TRUE(residue(walk.process->definition(), walk.saga).empty());
}

// A shipment that was given up has not been paid: the order does not say that all is over.
TEST(RestCancellation, LeavesAnOrderOpenThatIsNotPaid) {
    auto walk = walk_of(authorised_payment(), saga::Phase::abandoned);
    free_goods(walk);
    void_it(walk);
    EXPECT_EQ(walk.at(), "completed");
    EXPECT_EQ(walk.order().status, order::Status::shipped);
}

TEST(RestCancellation, WithoutAPromiseThereIsNothingToGiveUp) {
    auto voided =
        payment::evolve(payment::evolve(taken(60), payment::VoidRequested{}), payment::Voided{});
    for (const auto& payment : {voided, taken(110)}) {
        auto walk = walk_of(payment);
        free_goods(walk);
        EXPECT_EQ(walk.at(), "completed");
    }
}

// Refused, it is for an operator to say; what was asked for is not in flight any more.
TEST(RestCancellation, GivenUpByAnOperatorTheOrderIsComplete) {
    for (const auto action : {RepairAction::skip, RepairAction::abandon, RepairAction::undo}) {
        auto walk = walk_of(taken(60));
        free_goods(walk);
        EXPECT_EQ(walk.hear(Claim{"give_up"}), "");
        EXPECT_EQ(walk.hear(AttemptResult{"give_up", false, saga::Outcome::refused, "no", ""}), "");
        EXPECT_EQ(walk.at(), "stuck give_up");
        EXPECT_EQ(walk.order().status, order::Status::shipped);
        EXPECT_FALSE(walk.payment().voiding);
        const bool undo = action == RepairAction::undo;
        EXPECT_EQ(walk.hear(repair(action)), undo ? "cannot_be_undone: look" : "");
        EXPECT_EQ(walk.order().status, undo ? order::Status::shipped : order::Status::completed);
    }
}

// Held by a checkout that was given up, allocated, or allocated to what has shipped besides.
TEST(RestCancellation, FreesTheUnitsOfTheRest) {
    using kernel::HoldId, kernel::OrderId;
    const auto walk = walk_of(taken(60));
    const HoldId hold("s-0");
    const auto there = stock::evolve({}, stock::Received{5, {}});
    const auto held = stock::evolve(there, stock::Reserved{hold, 2});
    const auto both = stock::evolve(held, stock::Allocated{hold, OrderId("s"), 2});
    const auto rest = stock::evolve(both, stock::Shipped{OrderId("s"), 1});
    for (const auto& [state, left] : std::vector<std::pair<stock::State, std::int64_t>>{
             {there, 0}, {held, 0}, {both, 1}, {rest, 0}}) {
        const Streams streams{state};
        const auto send = walk.process->send(walk.saga, "free_goods", 0, false, "");
        EXPECT_EQ(send.command.streams.at(0).text(), "stock-S");
        const auto decided = send.command.decide(states_of(streams));
        ASSERT_TRUE(std::holds_alternative<eventstore::Accepted>(decided));
        auto after = state;
        for (const auto& event : std::get<eventstore::Accepted>(decided).events.at(0))
            stock::apply(after,
                         *schemas::stock::decode(event.type, event.schema_version, event.data));
        EXPECT_EQ(after.held.value() + after.allocated.value(), left);
    }
}

TEST(RestCancellation, HearsOfTheRestAndOfTheLastShipmentsEnd) {
    const auto begun = rest_cancellation_ears(stored(
        eventstore::StreamName::of("order", "s"), 4,
        schemas::order::encode(order::RestCancelled{"x", noon, one, {50, euro}, {0, euro}, 12})));
    ASSERT_EQ(begun.size(), 1u);
    EXPECT_EQ(begun[0].subject, "s.12");
    // An ordinary shipment ends without telling anybody.
    for (const bool rest : {false, true}) {
        const auto shipped =
            order::evolve(confirmed_order(), order::Shipped{kernel::ShipmentId("s.1"), one});
        Walk walk{
            fulfilment(),
            {rest ? ended_order() : shipped, authorised_payment(),
             shipment::evolve({}, shipment::Created{kernel::OrderId("s"), one}), ended_checkout()}};
        walk.hear(Start{"s.1", R"([{"sku":"S","quantity":1}])", ""});
        walk.hear(Claim{"capture"});
        walk.hear(AttemptResult{"capture", false, saga::Outcome::done, "", "cap"});
        for (const std::int32_t item : {0, 1})
            walk.hear(Replies{"take_out", false, {{item, saga::Outcome::done, ""}}});
        ASSERT_EQ(walk.at(), "completed");
        EXPECT_EQ(walk.order().status, rest ? order::Status::completed : order::Status::confirmed);
        EXPECT_EQ(walk.saga.find("dispatch")->reference, rest ? noted_awaited : "");
    }
    saga::Moved end;
    end.at = noon;
    end.phase = saga::Phase::completed;
    end.ended.push_back({.step = "dispatch", .outcome = saga::Outcome::done});
    const auto stream = saga_stream("fulfilment", "s.12");
    EXPECT_TRUE(rest_cancellation_ears(stored(stream, 9, schemas::saga::encode(end))).empty());
    end.ended.back().reference = noted_awaited;
    const auto heard = rest_cancellation_ears(stored(stream, 9, schemas::saga::encode(end)));
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].subject, "s.12");
    EXPECT_EQ(std::get<Signal>(heard[0].input).name, "shipment_over");
    EXPECT_TRUE(
        rest_cancellation_ears(stored(saga_stream("checkout", "s"), 9, schemas::saga::encode(end)))
            .empty());
}

// With the rest of the promise the payment counted as without any: a return got stuck, and one of
// money that will never be taken would have waited for ever.
TEST(Refund, IsGivenOfWhatWasTakenBeforeTheRestWasGivenUp) {
    const auto child =
        refund_child({kernel::OrderId("s"), kernel::RefundId("r"), {30, euro}, "broken"});
    const auto voided = [](const payment::State& payment) {
        return payment::evolve(payment::evolve(payment, payment::VoidRequested{}),
                               payment::Voided{});
    };
    Walk walk{refund(), {ended_order(), voided(taken(60))}};
    EXPECT_EQ(walk.hear(Start{child.subject, child.input, ""}), "");
    EXPECT_EQ(walk.hear(Claim{"refund"}), "");
    EXPECT_EQ(walk.at(), "forward refund");
    EXPECT_EQ(refund_call(walk.saga, "refund", false).authorisation, "auth");
    EXPECT_EQ(walk.payment().refunding.amount, 30);
    Walk late{refund(), {ended_order(), voided(taken(20))}};
    EXPECT_EQ(late.hear(Start{child.subject, child.input, ""}), "");
    EXPECT_EQ(late.hear(Claim{"refund"}), "");
    EXPECT_EQ(late.at(), "stuck refund");
    // More than was taken, it was not put on record when it was given up: what was owed kept the
    // money that was taken for ever.
    EXPECT_EQ(late.hear(repair(RepairAction::abandon)), "");
    auto returned = ended_order();
    returned.returns[kernel::ReturnId("r")] = {one, {30, euro}};
    EXPECT_EQ(commands::left_to_refund(returned, late.payment()), 20);
}

}  // namespace
}  // namespace skald::sagas
