// Orders that are to be cancelled, and the rest of those that have shipped in part.
#include "commands/sold_rig.h"

namespace skald::commands {
namespace {

// The rig's order is one of five teas now, confirmed, for which 5.00 EUR are promised and nothing
// is taken.
void promise_for_five_teas(Sold& shop) {
    shop.order = shop.placed({{"tea", 5}});
    shop.payment = kernel::numbered_id<kernel::PaymentId>(shop.order, 1);
    shop.confirm(shop.order);
    shop.pay(payment::Initiate{shop.order, ShopRig::euro(500), "card-ok"});
    shop.pay(payment::RecordAuthorised{"ref", kernel::Timestamp(4'000'000'000'000'000),
                                       ShopRig::euro(500)});
}

TEST(Cancellation, IsAskedForOnceAtTheCommandsTime) {
    Sold shop;
    const auto asked = shop.cancel(shop.order);
    EXPECT_EQ(asked.kind, AnswerKind::done);
    EXPECT_EQ(asked.version, Version(3));
    const auto again = shop.cancel(shop.order, "really");
    EXPECT_EQ(again.kind, AnswerKind::done);
    EXPECT_EQ(again.count, 0);
    const auto events = shop.stream(order_stream(shop.order));
    ASSERT_EQ(events.size(), 3U);
    const auto fact = OrderBinding::decode(events[2].type, 1, events[2].data);
    ASSERT_TRUE(fact);
    EXPECT_EQ(std::get<order::CancelRequested>(*fact),
              (order::CancelRequested{"changed my mind", ShopRig::context().at}));
}

// A customer who wanted no more, or a shop that had no more, could not end such an order.
TEST(Cancellation, BehindAShipmentIsOfTheRest) {
    Sold shop;
    shop.ship({.lines = portions({{"tea", 1}, {"pot", 1}})});
    const auto asked = shop.cancel(shop.order);
    ASSERT_EQ(asked.kind, AnswerKind::done) << asked.refusal.code;
    EXPECT_EQ(shop.cancel(shop.order, "really").count, 0);
    const auto events = shop.stream(order_stream(shop.order));
    ASSERT_EQ(events.size(), 4U);
    const auto fact = OrderBinding::decode(events[3].type, 1, events[3].data);
    ASSERT_TRUE(fact);
    // All 14.50 EUR were taken: 8.50 EUR are kept for what is shipped, song and all.
    EXPECT_EQ(std::get<order::RestCancelled>(*fact),
              (order::RestCancelled{"changed my mind", ShopRig::context().at,
                                    portions({{"tea", 1}, {"pot", 2}}), ShopRig::euro(600),
                                    ShopRig::euro(600), 1}));
    EXPECT_EQ(shop.ship().refusal.code, "order_status_forbids");
    // What is given back for the rest is given back to nobody else.
    EXPECT_EQ(shop.refund(ShopRig::euro(851)).refusal.code, "payment_more_than_captured");
    EXPECT_EQ(shop.refund(ShopRig::euro(100)).kind, AnswerKind::done);
    EXPECT_EQ(shop.take_back({{"tea", 2}}).refusal.code, "order_more_than_shipped");
    ASSERT_EQ(shop.take_back({{"tea", 1}, {"pot", 1}, {"song", 1}}).kind, AnswerKind::done);
    EXPECT_EQ(shop.order_now().refunded, ShopRig::euro(750));
}

TEST(Cancellation, OfTheRestGivesBackNothingThatWasNotTakenForIt) {
    Sold shop;
    promise_for_five_teas(shop);
    shop.pay(payment::RequestCapture{ShopRig::euro(200)});
    shop.ship({.lines = portions({{"tea", 2}})});
    shop.ship({.lines = portions({{"tea", 1}})});
    ASSERT_EQ(shop.cancel(shop.order).kind, AnswerKind::done);
    EXPECT_EQ(shop.order_now().refund_due, ShopRig::euro(0));
    // Of the money for what is shipped, which is on its way in; and of no more once the rest of the
    // promise is given up.
    EXPECT_EQ(
        left_to_refund(shop.order_now(), shop.state<PaymentBinding>(payment_stream(shop.payment))),
        300);
    shop.pay(payment::RecordCaptured{ShopRig::euro(200), "captured"});
    shop.pay(payment::RequestVoid{});
    shop.pay(payment::RecordVoided{});
    ASSERT_EQ(shop.take_back({{"tea", 3}}).kind, AnswerKind::done);
    EXPECT_EQ(shop.order_now().refunded, ShopRig::euro(200));
}

// A return waited for money that was promised for goods which never went.
TEST(Returns, AreRefundedFromTheMoneyForWhatHasShipped) {
    Sold shop;
    promise_for_five_teas(shop);
    shop.ship({.lines = portions({{"tea", 2}})});
    shop.pay(payment::RequestCapture{ShopRig::euro(200)});
    shop.pay(payment::RecordCaptured{ShopRig::euro(200), "captured"});
    ASSERT_EQ(shop.refund(ShopRig::euro(150)).kind, AnswerKind::done);
    ASSERT_EQ(shop.take_back({{"tea", 1}}).kind, AnswerKind::done);
    EXPECT_EQ(shop.order_now().refunded, ShopRig::euro(50));
}

}  // namespace
}  // namespace skald::commands
