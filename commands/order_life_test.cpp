// What is asked of orders and payments once they are there, and refused; sending, taking back,
// refunding.
#include <gtest/gtest.h>

#include <set>

#include "commands/sold_rig.h"

namespace skald::commands {
namespace {

struct LifeRefusal {
    const char* what;
    std::function<Answer(Sold&)> command;
    const char* code;
    const char* pointer = "";
};
std::ostream& operator<<(std::ostream& out, const LifeRefusal& row) { return out << row.what; }

class RefusalsOfALife : public testing::TestWithParam<LifeRefusal> {};

TEST_P(RefusalsOfALife, AreAnsweredWithCodeRemedyAndPlaceAndHaveNoEffect) {
    Sold shop;
    shop.ship({.lines = portions({{"tea", 1}, {"pot", 1}})});
    eventstore::MemoryLog log(shop.store);
    const auto before = log.heads();

    const auto answer = GetParam().command(shop);

    EXPECT_EQ(answer.kind, AnswerKind::refused);
    EXPECT_EQ(answer.refusal.code, GetParam().code);
    EXPECT_EQ(answer.refusal.pointer, GetParam().pointer);
    EXPECT_TRUE(answer.refusal.detail.ends_with('.')) << answer.refusal.detail;
    EXPECT_EQ(log.heads(), before);
    EXPECT_FALSE(log.receipt(answer.id)) << "a client's refusal leaves no receipt";
}

const kernel::OrderId nobody{"no"};
std::function<Answer(Sold&)> ships(ShipmentRequest request) {
    return [request = std::move(request)](Sold& s) { return s.ship(request); };
}
std::function<Answer(Sold&)> takes_back(
    const std::vector<std::pair<std::string, std::int64_t>>& units) {
    return [units](Sold& s) { return s.take_back(units); };
}

INSTANTIATE_TEST_SUITE_P(
    Commands, RefusalsOfALife,
    testing::Values(
        LifeRefusal{"cancelling no order", [](auto& s) { return s.cancel(nobody); },
                    "order_not_found"},
        LifeRefusal{"cancelling what has shipped", [](auto& s) { return s.cancel(s.gone); },
                    "order_cancel_too_late"},
        LifeRefusal{"cancelling the rest without a word",
                    [](auto& s) { return s.cancel(s.order, ""); }, "order_reason_empty", "/reason"},
        LifeRefusal{"cancelling without a word", [](auto& s) { return s.cancel(s.fresh, ""); },
                    "order_reason_empty", "/reason"},
        LifeRefusal{"cancelling at length",
                    [](auto& s) { return s.cancel(s.fresh, std::string(201, 'r')); },
                    "order_reason_too_long", "/reason"},
        LifeRefusal{"shipping no order", [](auto& s) { return s.ship_of(nobody); },
                    "order_not_found"},
        LifeRefusal{"shipping what is only placed", [](auto& s) { return s.ship_of(s.fresh); },
                    "order_status_forbids"},
        LifeRefusal{"shipping what is nothing to carry", [](auto& s) { return s.ship_of(s.song); },
                    "order_nothing_to_ship"},
        LifeRefusal{"shipping what is nothing to carry, by name",
                    ships({.lines = portions({{"song", 1}})}), "order_does_not_ship",
                    "/lines/0/sku"},
        LifeRefusal{"shipping what was not ordered",
                    ships({.lines = portions({{"tea", 1}, {"cup", 1}})}), "order_sku_unknown",
                    "/lines/1/sku"},
        LifeRefusal{"shipping more than is left",
                    ships({.lines = portions({{"tea", 1}, {"pot", 3}})}),
                    "order_more_than_allocated", "/lines/1/quantity"},
        LifeRefusal{"shipping nothing", ships({.lines = portions({})}), "order_no_lines", "/lines"},
        LifeRefusal{"shipping under no name", ships({.tracking = ""}), "shipment_tracking_empty",
                    "/tracking"},
        LifeRefusal{"shipping under a long name", ships({.tracking = std::string(201, 't')}),
                    "shipment_tracking_too_long", "/tracking"},
        LifeRefusal{"taking back of no order",
                    [](auto& s) {
                        return s.executor.run(record_return(ShopRig::context(), nobody,
                                                            portions({{"tea", 1}}), std::nullopt));
                    },
                    "order_not_found"},
        LifeRefusal{"taking back what never left",
                    [](auto& s) {
                        return s.executor.run(record_return(ShopRig::context(), s.fresh,
                                                            portions({{"tea", 1}}), std::nullopt));
                    },
                    "order_status_forbids"},
        LifeRefusal{"taking back more than was sent", takes_back({{"pot", 1}, {"tea", 2}}),
                    "order_more_than_shipped", "/lines/1/quantity"},
        LifeRefusal{"taking back what was not ordered", takes_back({{"cup", 1}}),
                    "order_sku_unknown", "/lines/0/sku"},
        LifeRefusal{"taking back without a word",
                    [](auto& s) {
                        return s.executor.run(
                            record_return(ShopRig::context(), s.order, portions({{"tea", 1}}), ""));
                    },
                    "order_reason_empty", "/reason"},
        LifeRefusal{"a refund of no payment",
                    [](auto& s) {
                        return s.executor.run(request_refund(
                            ShopRig::context(), kernel::PaymentId("no.1"), ShopRig::euro(1), "x"));
                    },
                    "payment_not_found"},
        LifeRefusal{"a refund of nothing", [](auto& s) { return s.refund(ShopRig::euro(0)); },
                    "payment_amount_not_positive", "/amount/amount"},
        LifeRefusal{"a refund in another currency",
                    [](auto& s) {
                        return s.refund({1, kernel::Currency("USD")});
                    },
                    "payment_currency_differs", "/amount/currency"},
        LifeRefusal{"a refund of more than was paid",
                    [](auto& s) { return s.refund(ShopRig::euro(1451)); },
                    "payment_more_than_captured", "/amount/amount"},
        LifeRefusal{"a refund without a word",
                    [](auto& s) { return s.refund(ShopRig::euro(1), ""); }, "payment_text_empty",
                    "/reason"}));

TEST(Shipments, WithoutLinesAreAllThatIsLeftAndShipsAndTheOrderSaysSo) {
    Sold shop;
    ASSERT_EQ(shop.ship({.lines = portions({{"pot", 1}}), .tracking = "track/1"}).kind,
              AnswerKind::done);
    const auto rest = shop.ship();
    EXPECT_EQ(rest.stream.text(), "shipment-" + shop.shipment(2));
    EXPECT_EQ(rest.version, Version(1));
    const auto order = shop.order_now();
    EXPECT_EQ(order.status, order::Status::shipped);
    const std::map<kernel::ShipmentId, std::vector<Portion>> shipments{
        {kernel::ShipmentId(shop.shipment(1)), portions({{"pot", 1}})},
        {kernel::ShipmentId(shop.shipment(2)), portions({{"tea", 2}, {"pot", 2}})}};
    EXPECT_EQ(order.shipments, shipments);
    for (const auto& [id, lines] : shipments) {
        const auto shipment = shop.state<ShipmentBinding>(shipment_stream(id));
        EXPECT_EQ(shipment.status, shipment::Status::created);
        EXPECT_EQ(shipment.contents.order, shop.order);
        EXPECT_EQ(shipment.contents.lines, lines);
    }
    using Tracking = std::optional<std::string>;
    const auto tracking_of = [&](int n) {
        const kernel::ShipmentId id(shop.shipment(n));
        return shop.state<ShipmentBinding>(shipment_stream(id)).contents.tracking;
    };
    EXPECT_EQ(tracking_of(1), Tracking("track/1"));
    EXPECT_EQ(tracking_of(2), Tracking());
    EXPECT_EQ(shop.stream(rest.stream).at(0).command,
              shop.stream(order_stream(shop.order)).back().command);
    EXPECT_EQ(shop.ship().refusal.code, "order_status_forbids") << "all is shipped";
}

// Two programs on one log, each with as many shipments at once.
TEST(Shipments, AtOnceGetANumberEachAndEveryUnitIsSentOnce) {
    Sold shop;
    constexpr int each = 20;
    shop.order = shop.placed({{"tea", 2 * each}});
    shop.confirm(shop.order);
    eventstore::Executor other([&] { return std::make_unique<eventstore::MemoryLog>(shop.store); },
                               folds(), {});
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < each; ++i) {
        for (auto* executor : {&shop.executor, &other}) {
            answers.push_back(
                shop.ship_later(*executor, ShopRig::context(), {.lines = portions({{"tea", 1}})}));
        }
    }
    std::set<std::string> shipments;
    for (auto& answer : answers) {
        const auto got = answer.get();
        ASSERT_EQ(got.kind, AnswerKind::done) << got.refusal.code;
        shipments.emplace(got.stream.id());
    }
    std::set<std::string> expected;
    for (int n = 1; n <= 2 * each; ++n) expected.insert(shop.shipment(n));
    EXPECT_EQ(shipments, expected);
    EXPECT_EQ(shop.order_now().status, order::Status::shipped);
    EXPECT_EQ(shop.ship({.lines = portions({{"tea", 1}})}).kind, AnswerKind::refused);
}

TEST(Shipments, OfAllThatIsLeftAtOnceAreOne) {
    Sold shop;
    auto first = shop.ship_later(shop.executor, ShopRig::context(), {});
    auto second = shop.ship_later(shop.executor, ShopRig::context(), {});
    std::multiset<AnswerKind> kinds{first.get().kind, second.get().kind};
    EXPECT_EQ(kinds, (std::multiset<AnswerKind>{AnswerKind::done, AnswerKind::refused}));
    EXPECT_EQ(shop.order_now().shipments.size(), 1U);
}

TEST(Shipments, IfMatchIsTheVersionOfTheOrder) {
    Sold shop;
    const auto with = [](std::int64_t version) {
        auto context = ShopRig::context();
        context.if_match = Version(version);
        return context;
    };
    const ShipmentRequest one{.lines = portions({{"pot", 1}})};
    const auto early = shop.ship(one, with(1));
    EXPECT_EQ(early.kind, AnswerKind::version_mismatch);
    EXPECT_EQ(early.version, Version(2));
    EXPECT_EQ(shop.ship(one, with(2)).kind, AnswerKind::done);
    EXPECT_EQ(shop.ship(one, with(2)).kind, AnswerKind::version_mismatch);
    EXPECT_EQ(shop.ship(one, with(3)).stream.id(), shop.shipment(2));
}

TEST(Shipments, AreNotSentOnAPromiseThatHasRunOut) {
    Sold shop;
    auto late = ShopRig::context();
    late.at = kernel::Timestamp(4'000'000'000'000'000);
    EXPECT_EQ(shop.ship({}, late).refusal.code, "payment_expired");
}

TEST(Returns, AreRefundedAtThePriceOfTheOrderAndNamedByTheirCommand) {
    Sold shop;
    shop.ship();
    shop.set_price("pot", ShopRig::euro(9999));
    const auto first = shop.executor.run(record_return(
        ShopRig::context(), shop.order, portions({{"pot", 2}, {"tea", 1}}), "too small"));
    ASSERT_EQ(first.kind, AnswerKind::done) << first.refusal.code;
    EXPECT_EQ(first.stream, order_stream(shop.order));
    const auto second = shop.take_back({{"pot", 1}, {"tea", 1}});
    ASSERT_EQ(second.kind, AnswerKind::done) << second.refusal.code;
    const auto id = [](const Answer& answer) {
        return kernel::ReturnId(eventstore::to_text(answer.id.value()));
    };
    const std::map<kernel::ReturnId, order::Return> expected{
        {id(first), {portions({{"pot", 2}, {"tea", 1}}), ShopRig::euro(600), "too small"}},
        {id(second), {portions({{"pot", 1}, {"tea", 1}}), ShopRig::euro(350), std::nullopt}}};
    EXPECT_TRUE(shop.order_now().returns == expected);
    EXPECT_EQ(shop.take_back({{"tea", 1}}).refusal.code, "order_more_than_shipped");
}

// What such numbers cost is beyond 64 bits.
TEST(Returns, OfMoreThanCanBeAreRefusedForThat) {
    Sold shop;
    shop.ship();
    const auto most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(shop.take_back({{"pot", most}}).refusal.code, "order_more_than_shipped");
    EXPECT_EQ(shop.take_back({{"pot", -most}}).refusal.code, "order_quantity_out_of_range");
}

TEST(Refunds, AreNamedByTheirCommandAndNeverMoreThanWasTaken) {
    Sold shop;
    const auto first = shop.refund(ShopRig::euro(1000), "broken");
    ASSERT_EQ(first.kind, AnswerKind::done) << first.refusal.code;
    EXPECT_EQ(first.stream.text(), "payment-" + shop.payment.value());
    EXPECT_EQ(shop.refund(ShopRig::euro(451)).refusal.code, "payment_more_than_captured");
    EXPECT_EQ(shop.refund(ShopRig::euro(450)).kind, AnswerKind::done);
    const auto payment = shop.state<PaymentBinding>(first.stream);
    EXPECT_EQ(payment.refunding, ShopRig::euro(1450));
    const kernel::RefundId id(eventstore::to_text(first.id.value()));
    const auto& refund = payment.refunds.at(id);
    EXPECT_EQ(refund.amount, ShopRig::euro(1000));
    EXPECT_EQ(refund.reason, "broken");
}

TEST(RetriesOfALife, AnswerAsTheFirstTimeThoughTheWorldMovedOn) {
    Sold shop;
    const ShipmentRequest one{.lines = portions({{"pot", 1}})};
    const auto shipped = shop.ship(one, ShopRig::context("ship"));
    shop.ship(one);
    const auto again = shop.ship(one, ShopRig::context("ship"));
    const auto last = shop.ship(one, ShopRig::context("last"));
    const auto returned = shop.take_back({{"pot", 3}}, "return");
    const auto refunded = shop.refund(ShopRig::euro(700), "x", "refund");
    const std::pair<Answer, Answer> pairs[] = {
        {shipped, again},
        {last, shop.ship(one, ShopRig::context("last"))},
        {returned, shop.take_back({{"pot", 3}}, "return")},
        {refunded, shop.refund(ShopRig::euro(700), "x", "refund")}};
    for (const auto& [first, second] : pairs) {
        EXPECT_EQ(first.kind, AnswerKind::done) << first.refusal.code;
        EXPECT_FALSE(first.replayed);
        EXPECT_TRUE(second.replayed);
        EXPECT_EQ(second.stream, first.stream);
        EXPECT_EQ(second.version, first.version);
    }
    EXPECT_EQ(last.stream.id(), shop.shipment(3));
    EXPECT_EQ(shop.order_now().shipments.size(), 3U);
}

}  // namespace
}  // namespace skald::commands
