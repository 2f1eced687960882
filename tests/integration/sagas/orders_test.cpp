// What becomes of orders behind their checkout, as it runs: real PostgreSQL, followers with leases,
// the sandbox provider with its ledger on disk, and a process that is killed in between.
#include <csignal>
#include <future>
#include <random>
#include <thread>

#include "commands/payments.h"
#include "commands/shipments.h"
#include "sagas/operator/desk.h"
#include "tests/integration/sagas/shop_fixture.h"
#include "tests/support/eventually.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::StreamName;
using kernel::OrderId;
using order::Status;

class Orders : public ShopTest {
  protected:
    Answer ship(const std::string& id, std::optional<Basket> lines = std::nullopt) {
        commands::ShipmentRequest request{.tracking = "T-" + id};
        if (lines) request.lines = portions(*lines);
        std::promise<Answer> answer;
        commands::create_shipment(rig->executor(), SagaRig::context(), OrderId(id),
                                  std::move(request),
                                  [&answer](Answer given) { answer.set_value(std::move(given)); });
        return answer.get_future().get();
    }
    Answer take_back(const std::string& id, const Basket& lines) {
        return rig->executor().run(
            commands::record_return(SagaRig::context(), OrderId(id), portions(lines), "too small"));
    }
    Answer refund(const std::string& id, std::int64_t amount) {
        return rig->executor().run(commands::request_refund(
            SagaRig::context(), kernel::numbered_id<kernel::PaymentId>(OrderId(id), 1),
            {amount, kernel::Currency("EUR")}, "as a courtesy"));
    }
    shipment::State shipment_of(const std::string& id) {
        return rig->state<commands::ShipmentBinding>("shipment-" + id);
    }
    std::string confirmed(const Basket& lines) {
        auto id = place(lines);
        EXPECT_TRUE(all_settled());
        EXPECT_EQ(order_of(id).status, Status::confirmed);
        return id;
    }

  private:
    static std::vector<kernel::Portion> portions(const Basket& lines) {
        std::vector<kernel::Portion> portions;
        for (const auto& [sku, units] : lines)
            portions.push_back({kernel::Sku(sku), kernel::Quantity::of(units)});
        return portions;
    }
};

TEST_F(Orders, ShipInParts) {
    rig->start();
    const auto id = confirmed({{"A", 3}, {"SONG", 1}});
    ASSERT_EQ(ship(id, Basket{{"A", 1}}).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(payment_of(id).captured.amount, 500);
    EXPECT_EQ(order_of(id).status, Status::confirmed);
    EXPECT_EQ(shipment_of(id + ".1").status, shipment::Status::shipped);
    EXPECT_EQ(shipment_of(id + ".1").dispatch->tracking, "T-" + id);
    ASSERT_EQ(ship(id).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(order_of(id).status, Status::completed);
    audit();
}

// One payment takes one capture at a time: the second shipment waits for the first.
TEST_F(Orders, ShipmentsAtOnceGoOneAfterTheOther) {
    rig->start();
    const auto id = confirmed({{"A", 4}});
    for (int i = 0; i < 4; ++i) ASSERT_EQ(ship(id, Basket{{"A", 1}}).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(order_of(id).status, Status::completed);
    audit();
}

// Between its confirmation and its allocation there was nothing to take out of stock, and the
// shipment got stuck.
TEST_F(Orders, ShippedAsSoonAsConfirmed) {
    rig->start();
    for (int i = 0; i < 20; ++i) {
        const auto id = place({{"A", 1}, {"B", 1}});
        while (order_of(id).status == Status::pending) {
        }
        ASSERT_EQ(ship(id).kind, AnswerKind::done);
    }
    ASSERT_TRUE(all_settled());
    for (const auto& id : orders) EXPECT_EQ(order_of(id).status, Status::completed);
    audit();
}

TEST_F(Orders, CancelledBehindTheCheckoutFreesMoneyAndGoods) {
    rig->start();
    const auto id = confirmed({{"A", 3}, {"SONG", 1}});
    ASSERT_EQ(rig->cancel(id).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(order_of(id).status, Status::cancelled);
    EXPECT_EQ(order_of(id).refund_due->amount, 0);
    EXPECT_EQ(payment_of(id).authorisation, payment::Authorisation::voided);
    audit();
}

TEST_F(Orders, BehindAShipmentTheRestIsGivenUp) {
    rig->start();
    const auto id = confirmed({{"A", 3}, {"B", 1}, {"SONG", 1}});
    ASSERT_EQ(ship(id, Basket{{"A", 1}}).kind, AnswerKind::done);
    // At once: its money may not even have been taken.
    ASSERT_EQ(rig->cancel(id).kind, AnswerKind::done);
    EXPECT_EQ(ship(id).kind, AnswerKind::refused);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(order_of(id).status, Status::completed);
    EXPECT_EQ(payment_of(id).captured.amount, 500);
    EXPECT_EQ(payment_of(id).authorisation, payment::Authorisation::voided);
    EXPECT_EQ(stock_of("A").available().value(), 999);
    EXPECT_EQ(rig->cancel(id).kind, AnswerKind::done);
    audit();
    // What comes back is paid back from what was taken, and no more than that.
    EXPECT_EQ(take_back(id, {{"A", 2}}).kind, AnswerKind::refused);
    ASSERT_EQ(take_back(id, {{"A", 1}}).kind, AnswerKind::done);
    EXPECT_EQ(refund(id, 251).kind, AnswerKind::refused);
    EXPECT_EQ(refund(id, 250).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(payment_of(id).refunded.amount, 500);
    audit();
}

TEST_F(Orders, WhateverIsAskedForAndWhenEveryUnitAndCentIsAccountedFor) {
    rig->start();
    std::mt19937 random(11);
    const auto below = [&](std::size_t n) { return static_cast<std::int64_t>(random() % n); };
    for (int i = 0; i < 24; ++i)
        place({{"A", 1 + below(4)}, {"B", 1 + below(3)}, {"SONG", 1 + below(2)}});
    for (int i = 0; i < 200; ++i) {
        const auto& id = orders[static_cast<std::size_t>(below(24))];
        switch (below(6)) {
            case 0:
                rig->cancel(id);
                break;
            case 1:
                take_back(id, {{"A", 1}, {"SONG", 1}});
                break;
            case 2:
                refund(id, 100);
                break;
            default:
                ship(id, Basket{{below(2) == 0 ? "A" : "B", 1}});
        }
        // sleep: the moment is the test
        std::this_thread::sleep_for(std::chrono::milliseconds(below(10)));
    }
    ASSERT_TRUE(all_settled());
    EXPECT_GT(std::ranges::count_if(orders, [&](auto& id) { return order_of(id).rest_cancelled; }),
              2);
    audit();
}

// A request that came between the checkout's pivot and its end left the order `cancelling`.
TEST_F(Orders, CancelledAtAnyMomentAreCancelled) {
    rig->start();
    std::mt19937 random(7);
    std::vector<std::string> asked;
    for (int i = 0; i < 40; ++i) {
        const auto id = place(i % 3 == 0 ? Basket{{"SONG", 1}} : Basket{{"A", 1}, {"B", 1}});
        // sleep: the moment is the test
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
        if (rig->cancel(id).kind == AnswerKind::done) asked.push_back(id);
    }
    ASSERT_TRUE(all_settled());
    EXPECT_GT(asked.size(), 20u);
    for (const auto& id : asked) EXPECT_EQ(order_of(id).status, Status::cancelled) << id;
    audit();
}

TEST_F(Orders, ReturnedGoodsArePaidBackAndOnTheShelf) {
    rig->start();
    const auto id = confirmed({{"A", 3}});
    ASSERT_EQ(ship(id).kind, AnswerKind::done);
    // At once: the money may not even have been taken.
    ASSERT_EQ(take_back(id, {{"A", 2}}).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(payment_of(id).refunded.amount, 500);
    EXPECT_EQ(take_back(id, {{"A", 2}}).kind, AnswerKind::refused);
    audit();
}

// They stayed allocated for ever, in a stock that grew by an entry with each order.
TEST_F(Orders, WhatDoesNotShipLeavesTheStockOncePaidForAndComesBackWhenReturned) {
    rig->start();
    const auto id = place({{"SONG", 3}});
    const auto mixed = confirmed({{"A", 1}, {"SONG", 1}});
    EXPECT_EQ(order_of(id).status, Status::completed);
    EXPECT_EQ(stock_of("SONG").on_hand.value(), 997);
    EXPECT_EQ(stock_of("SONG").allocations.size(), 1u) << "that of the order to be shipped";
    ASSERT_EQ(ship(mixed).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_TRUE(stock_of("SONG").allocations.empty());
    audit();
    EXPECT_EQ(take_back(id, {{"SONG", 4}}).kind, AnswerKind::refused);
    ASSERT_EQ(take_back(id, {{"SONG", 2}}).kind, AnswerKind::done);
    ASSERT_EQ(take_back(mixed, {{"SONG", 1}}).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(stock_of("SONG").on_hand.value(), 999);
    EXPECT_EQ(payment_of(id).refunded.amount, 500);
    EXPECT_EQ(payment_of(mixed).refunded.amount, 250);
    audit();
}

TEST_F(Orders, RefundsAreGivenOnceAndNotBeyondWhatWasTaken) {
    rig->start();
    const auto id = place({{"SONG", 2}});
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(order_of(id).status, Status::completed);
    EXPECT_EQ(refund(id, 300).kind, AnswerKind::done);
    EXPECT_EQ(refund(id, 201).kind, AnswerKind::refused);
    EXPECT_EQ(refund(id, 200).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(payment_of(id).refunded.amount, 500);
    audit();
}

// What had been given back otherwise was to be given back again, and stuck: the goods never came
// back on the shelf.
TEST_F(Orders, AReturnGivesBackNoMoreThanIsLeft) {
    rig->start();
    const auto id = confirmed({{"A", 2}});
    ASSERT_EQ(ship(id).kind, AnswerKind::done);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(refund(id, 400).kind, AnswerKind::done);
    EXPECT_EQ(take_back(id, {{"A", 1}}).kind, AnswerKind::done);
    EXPECT_EQ(refund(id, 1).kind, AnswerKind::refused);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(payment_of(id).refunded.amount, 500);
    EXPECT_EQ(order_of(id).refunded.amount, 100);
    audit();
}

class RepairedOrders : public Orders {
  protected:
    bool comes_to(const StreamName& saga, saga::Phase phase) {
        eventstore::PgLog log(database->writer());
        return eventually([&] {
            const auto sight = desk.look(log, saga);
            return sight && sight->state.phase == phase;
        });
    }
    void repair(const StreamName& saga, sagas::RepairAction action) {
        eventstore::PgLog log(database->writer());
        const auto now = [] { return sagas::system_time(); };
        const auto plan =
            desk.plan(log, {action, "bob", "seen at the provider"}, std::span(&saga, 1), now());
        const auto applied = desk.apply(plan, {.executor = rig->executor(), .now = now}).front();
        ASSERT_EQ(applied.as, sagas::AppliedAs::repaired) << applied.code << applied.detail;
    }
    StreamName refund_of(const std::string& id) {
        return StreamName::of("refund", id + ".1." + payment_of(id).refunds.begin()->first.value());
    }
    std::size_t entries(sagas::PaymentOperation operation, sagas::CallOutcome outcome) {
        const auto all = rig->sandbox().entries();
        return static_cast<std::size_t>(std::ranges::count_if(all, [&](const auto& entry) {
            return entry.operation == operation && entry.outcome == outcome;
        }));
    }

    const sagas::Desk desk{sagas::known_sagas()};
};

// The provider keeps what it refused under the call's key: no retry ever took the money.
TEST_F(RepairedOrders, ACaptureThatWasRefusedIsTakenOnce) {
    using enum sagas::CallOutcome;
    constexpr auto capture = sagas::PaymentOperation::capture;
    rig->start();
    const auto id = confirmed({{"A", 2}});
    rig->provider_ahead(8 * 24h);  // what was authorised has expired, so the provider thinks
    ASSERT_EQ(ship(id).kind, AnswerKind::done);
    const auto saga = StreamName::of("fulfilment", id + ".1");
    ASSERT_TRUE(comes_to(saga, saga::Phase::stuck));
    repair(saga, sagas::RepairAction::retry);
    ASSERT_TRUE(eventually([&] { return entries(capture, refused) == 2; }));
    ASSERT_TRUE(comes_to(saga, saga::Phase::stuck));
    rig->provider_ahead(0h);
    repair(saga, sagas::RepairAction::retry);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(entries(capture, succeeded), 1u);
    EXPECT_EQ(payment_of(id).captured.amount, 500);
    EXPECT_EQ(order_of(id).status, Status::completed);
    audit();
}

TEST_F(RepairedOrders, ARefundThatWasRefusedIsGivenOnce) {
    constexpr auto giving = sagas::PaymentOperation::refund;
    rig->start();
    const auto id = place({{"SONG", 2}});
    ASSERT_TRUE(all_settled());
    rig->provider().refuse(giving, true);
    ASSERT_EQ(refund(id, 300).kind, AnswerKind::done);
    const auto saga = refund_of(id);
    ASSERT_TRUE(comes_to(saga, saga::Phase::stuck));
    // Kept for it, so that a clerk does not give the same money back beside it.
    EXPECT_EQ(payment_of(id).refunding.amount, 300);
    const auto left = payment_of(id).captured.amount - 300;
    EXPECT_EQ(refund(id, left + 1).kind, AnswerKind::refused);
    rig->provider().refuse(giving, false);
    repair(saga, sagas::RepairAction::retry);
    ASSERT_TRUE(all_settled());
    EXPECT_EQ(entries(giving, sagas::CallOutcome::succeeded), 1u);
    EXPECT_EQ(payment_of(id).refunded.amount, 300);
    audit();
}

// The customer would wait for a parcel that nobody sends.
TEST_F(RepairedOrders, AShipmentThatIsGivenUpHasFailed) {
    rig->start();
    const auto id = confirmed({{"A", 2}});
    rig->provider().refuse_captures(true);
    ASSERT_EQ(ship(id).kind, AnswerKind::done);
    const auto saga = StreamName::of("fulfilment", id + ".1");
    ASSERT_TRUE(comes_to(saga, saga::Phase::stuck));
    repair(saga, sagas::RepairAction::abandon);
    EXPECT_EQ(shipment_of(id + ".1").status, shipment::Status::failed);
    EXPECT_FALSE(payment_of(id).capturing);
}

TEST_F(RepairedOrders, ACancellationThatIsGivenUpPutsTheOrderBack) {
    rig->start();
    const auto id = confirmed({{"A", 2}});
    rig->provider().refuse_voids(true);
    ASSERT_EQ(rig->cancel(id).kind, AnswerKind::done);
    const auto saga = StreamName::of("cancellation", id);
    ASSERT_TRUE(comes_to(saga, saga::Phase::stuck));
    repair(saga, sagas::RepairAction::abandon);
    EXPECT_EQ(order_of(id).status, Status::confirmed);
    EXPECT_FALSE(payment_of(id).voiding);
    ASSERT_EQ(ship(id).kind, AnswerKind::done);
    ASSERT_TRUE(eventually([&] { return order_of(id).status == Status::completed; }));
}

TEST_F(RepairedOrders, ARestThatIsGivenUpLeavesTheOrderComplete) {
    rig->start();
    const auto id = confirmed({{"A", 2}});
    rig->provider().refuse_voids(true);
    ASSERT_EQ(ship(id, Basket{{"A", 1}}).kind, AnswerKind::done);
    ASSERT_EQ(rig->cancel(id).kind, AnswerKind::done);
    const auto saga = StreamName::of("rest_cancellation", id + ".1");
    ASSERT_TRUE(comes_to(saga, saga::Phase::stuck));
    EXPECT_EQ(stock_of("A").available().value(), 999) << "the goods need not wait for the money";
    repair(saga, sagas::RepairAction::abandon);
    EXPECT_EQ(order_of(id).status, Status::completed);
    EXPECT_FALSE(payment_of(id).voiding);
}

class OrderCrashes : public Orders, public testing::WithParamInterface<const char*> {};

TEST_P(OrderCrashes, LeaveNothingHalfDone) {
    rig->start();
    for (int i = 0; i < 9; ++i) place(i % 3 == 0 ? Basket{{"SONG", 1}} : Basket{{"A", 2}});
    ASSERT_TRUE(all_settled());
    rig.reset();
    rig = std::make_unique<SagaRig>(database->conninfo(), ledger());
    for (int i = 0; i < 9; ++i) {
        const auto& id = orders[static_cast<std::size_t>(i)];
        if (i % 3 == 0) {
            ASSERT_EQ(refund(id, 100).kind, AnswerKind::done);
        }
        if (i % 3 == 1) {
            ASSERT_EQ(rig->cancel(id).kind, AnswerKind::done);
        }
        if (i % 3 == 2) {
            // Of one of them the rest is given up.
            ASSERT_EQ(ship(id, Basket{{"A", i == 5 ? 1 : 2}}).kind, AnswerKind::done);
            ASSERT_EQ(rig->cancel(id).kind, i == 5 ? AnswerKind::done : AnswerKind::refused);
            ASSERT_EQ(take_back(id, {{"A", 1}}).kind, AnswerKind::done);
        }
    }
    rig.reset();
    for (const int n : {1, 3})
        EXPECT_EQ(driven_until_killed(database->conninfo(), ledger(),
                                      std::string(GetParam()) + ":" + std::to_string(n)),
                  SIGKILL);
    restart();
    ASSERT_TRUE(all_settled());
    audit();
}

INSTANTIATE_TEST_SUITE_P(all, OrderCrashes,
                         testing::Values("log.after_commit", "sagas.before_commit",
                                         "sagas.before_call", "sagas.after_call"));

}  // namespace
}  // namespace skald::tests
