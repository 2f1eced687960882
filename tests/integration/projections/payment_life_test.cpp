// What the payments read model makes of all that may become of a payment: told by its query, the
// same after a rebuild, and every difference found by the verification.
#include "projections/payments/queries.h"
#include "tests/integration/projections/life_rig.h"

namespace skald::tests {
namespace {

using kernel::Money;
using kernel::OrderId;
using kernel::PaymentId;
using kernel::RefundId;
using kernel::Timestamp;
using payment::Found;
using payment::Operation;

constexpr kernel::Currency euro{"EUR"};
constexpr Timestamp until(9'000'000);

class ProjectionsPaymentLife : public LifeRig {
  protected:
    ProjectionsPaymentLife() {
        for (const auto* id :
             {"asked", "promised", "declined", "voided", "halfway", "doubtful", "refunding"})
            tell(id, payment::Initiated{OrderId(id), {300, euro}, "card-ok"});
        tell("declined", payment::Declined{"no_funds"});
        for (const auto* id : {"promised", "voided", "halfway", "doubtful", "refunding"})
            tell(id, payment::Authorised{std::string("secret-") + id, until, {300, euro}});

        tell("voided", payment::VoidRequested{});
        tell("voided", payment::OutcomeUnknown{Operation::void_, "void"});
        tell("voided", payment::Reconciled{Operation::void_, "void", Found::done});
        tell("voided", payment::Voided{});

        capture("halfway", 100);
        tell("halfway", payment::CaptureRequested{{50, euro}});
        tell("halfway", payment::Reconciled{Operation::capture, "capture", Found::absent});
        tell("halfway", payment::VoidRequested{});
        tell("halfway", payment::Voided{});

        tell("doubtful", payment::CaptureRequested{{300, euro}});
        tell("doubtful", payment::OutcomeUnknown{Operation::capture, "capture"});

        capture("refunding", 300);
        for (const auto& [refund, cents] : {std::pair("paid", 100), {"failed", 20}, {"open", 30}})
            tell("refunding",
                 payment::RefundRequested{RefundId(refund), {cents, euro}, "sent back"});
        tell("refunding", payment::Refunded{RefundId("paid"), {100, euro}});
        tell("refunding", payment::RefundFailed{RefundId("failed"), "card_gone"});
        tell("refunding", payment::OutcomeUnknown{Operation::refund, "open"});
        shop.project("", 3);
    }

    void tell(const std::string& order, const payment::Event& event) {
        shop.payment(order + ".1", event);
    }
    void capture(const std::string& order, std::int64_t cents) {
        tell(order, payment::CaptureRequested{{cents, euro}});
        tell(order, payment::Captured{{cents, euro}, "capture-" + order});
    }
    projections::payments::Payment found(const std::string& order) {
        return projections::payments::find(reading, PaymentId(order + ".1"), {})->value.value();
    }
    // "authorised captured refunding refunded", and what is in flight or unknown.
    static std::string amounts(const projections::payments::Payment& payment) {
        auto text = std::to_string(payment.authorised.amount) + " " +
                    std::to_string(payment.captured.amount) + " " +
                    std::to_string(payment.refunding.amount) + " " +
                    std::to_string(payment.refunded.amount);
        if (payment.capturing.amount != 0)
            text += ", capturing " + std::to_string(payment.capturing.amount);
        if (payment.voiding) text += ", voiding";
        if (payment.unknown) text += ", unknown";
        return text;
    }
};

TEST_F(ProjectionsPaymentLife, a_payment_tells_what_is_promised_taken_and_given_back) {
    struct Case {
        const char* order;
        const char* authorisation;
        std::optional<Timestamp> until;
        const char* amounts;
    };
    for (const auto& [order, authorisation, until_when, text] :
         {Case{"asked", "pending", {}, "0 0 0 0"},
          Case{"promised", "authorised", until, "300 0 0 0"},
          Case{"declined", "declined", {}, "0 0 0 0"}, Case{"voided", "voided", {}, "300 0 0 0"},
          Case{"halfway", "voided", {}, "300 100 0 0"},
          Case{"doubtful", "authorised", until, "300 0 0 0, capturing 300, unknown"},
          Case{"refunding", "authorised", until, "300 300 30 100, unknown"}}) {
        const auto payment = found(order);
        EXPECT_EQ(payment.order.value(), order);
        EXPECT_EQ(payment.method, "card-ok");
        EXPECT_EQ(payment.amount, (Money{300, euro}));
        EXPECT_EQ(payment.authorisation, authorisation) << order;
        EXPECT_EQ(payment.authorised_until, until_when) << order;
        EXPECT_EQ(amounts(payment), text) << order;
    }
    EXPECT_EQ(found("declined").code, "no_funds");
    EXPECT_EQ(projections::payments::find(reading, PaymentId("asked.2"), {})->value, std::nullopt);
}

TEST_F(ProjectionsPaymentLife, requests_are_in_flight_until_they_are_answered_or_never_arrived) {
    tell("promised", payment::VoidRequested{});
    tell("promised", payment::OutcomeUnknown{Operation::void_, "void"});
    shop.project();
    EXPECT_EQ(amounts(found("promised")), "300 0 0 0, voiding, unknown");
    tell("promised", payment::Reconciled{Operation::void_, "void", Found::absent});
    tell("doubtful", payment::Reconciled{Operation::capture, "capture", Found::done});
    shop.project();
    EXPECT_EQ(amounts(found("promised")), "300 0 0 0");
    EXPECT_EQ(amounts(found("doubtful")), "300 0 0 0, capturing 300");
    EXPECT_EQ(findings(), "");
    tell("doubtful", payment::Captured{{300, euro}, "c"});
    shop.project();
    EXPECT_EQ(amounts(found("doubtful")), "300 300 0 0");
    EXPECT_EQ(findings(), "");
}

TEST_F(ProjectionsPaymentLife, the_ledger_holds_every_movement_of_money_oldest_first) {
    const auto ledger = [&](const std::string& order) {
        std::string text;
        for (const auto& movement : found(order).movements)
            text += movement.type.substr(std::string("payment.").size()) + " " +
                    std::to_string(movement.amount.amount) +
                    (movement.refund ? " for " + movement.refund->value() : "") + "; ";
        return text;
    };
    EXPECT_EQ(ledger("asked"), "");
    EXPECT_EQ(ledger("voided"), "authorised 300; voided 300; ");
    EXPECT_EQ(ledger("halfway"), "authorised 300; captured 100; voided 200; ");
    EXPECT_EQ(ledger("refunding"), "authorised 300; captured 300; refunded 100 for paid; ");
    std::string refunds;
    for (const auto& refund : found("refunding").refunds)
        refunds += refund.id.value() + " " + std::to_string(refund.amount.amount) + " " +
                   refund.status + " " + refund.code.value_or("-") + " " + refund.reason + "; ";
    EXPECT_EQ(refunds,
              "paid 100 refunded - sent back; failed 20 failed card_gone sent back; "
              "open 30 requested - sent back; ");
}

TEST_F(ProjectionsPaymentLife, payments_are_verified_in_all_that_they_tell) {
    EXPECT_EQ(findings(), "");
    finds("payments",
          {"UPDATE skald_read.payments_v1 SET authorisation = 'authorised' WHERE id = 'voided.1'",
           "UPDATE skald_read.payments_v1 SET code = 'other' WHERE id = 'declined.1'",
           "UPDATE skald_read.payments_v1 SET capturing = 0 WHERE id = 'doubtful.1'",
           "UPDATE skald_read.payments_v1 SET capturing = 50 WHERE id = 'halfway.1'",
           "UPDATE skald_read.payments_v1 SET voiding = true WHERE id = 'voided.1'",
           "UPDATE skald_read.payments_v1 SET captured = 150 WHERE id = 'halfway.1'",
           "UPDATE skald_read.payments_v1 SET refunded = 120 WHERE id = 'refunding.1'",
           "DELETE FROM skald_read.payments_v1 WHERE id = 'asked.1'"});
    finds("payment_promises",
          {"UPDATE skald_read.payment_promises_v1 SET expires_at = expires_at + '1 second' "
           "WHERE payment_id = 'promised.1'",
           "UPDATE skald_read.payment_promises_v1 SET amount = 1 WHERE payment_id = 'promised.1'"});
    finds("payment_refunds",
          {"UPDATE skald_read.payment_refunds_v1 SET status = 'requested' WHERE refund_id = 'paid'",
           "UPDATE skald_read.payment_refunds_v1 SET amount = 31 WHERE refund_id = 'open'"});
    finds("payment_doubts",
          {"DELETE FROM skald_read.payment_doubts_v1 WHERE refund_id = 'open'",
           "INSERT INTO skald_read.payment_doubts_v1 SELECT 'voided.1', 'void', '', since, "
           "partition, position, revision FROM skald_read.payment_doubts_v1 "
           "WHERE refund_id = 'open'"});
    finds("payment_movements",
          {"UPDATE skald_read.payment_movements_v1 SET amount = 300 "
           "WHERE payment_id = 'halfway.1' AND type = 'payment.voided'",
           "UPDATE skald_read.payment_movements_v1 SET refund_id = 'open' WHERE refund_id = 'paid'",
           "DELETE FROM skald_read.payment_movements_v1 WHERE payment_id = 'promised.1'"});
}

TEST_F(ProjectionsPaymentLife, a_rebuild_of_payments_gives_the_same_rows) {
    rebuilds_the_same("payments");
}

}  // namespace
}  // namespace skald::tests
