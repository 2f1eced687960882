// What each event of a payment changes in its read model.
#include <gtest/gtest.h>

#include "projections/payments/projection.h"
#include "projections/testing_changes.h"
#include "schemas/payment/codec.h"

namespace skald::projections {
namespace {

using kernel::RefundId;
using payment::Found;
using payment::Operation;

constexpr kernel::Currency cents_of{"EUR"};

struct PaymentCase {
    const char* why;
    payment::Event event;
    std::string changes;  // behind those of the row's version
    std::vector<payment::Event> earlier = {};
};

class ChangesOfPayment : public testing::TestWithParam<PaymentCase> {};

TEST_P(ChangesOfPayment, event) {
    const auto& row = GetParam();
    std::vector<schemas::Encoded> earlier;
    for (const auto& one : row.earlier) earlier.push_back(schemas::payment::encode(one));
    const auto changes = testing_changes::changes_of(payments::projection(), "payment-o.1", 5,
                                                     schemas::payment::encode(row.event), earlier);
    const bool whole = row.changes.starts_with("put payments ") || row.changes.starts_with("error");
    const std::string version = "update payments id=o.1 version=5 updated_at=7\n";
    EXPECT_EQ(changes, whole ? row.changes : version + row.changes) << row.why;
}

std::string set(const std::string& assignment) {
    return "update payments id=o.1 " + assignment + "\n";
}
std::string movement(const std::string& type, const std::string& amount,
                     const std::string& refund = "null") {
    return "put payment_movements payment_id=o.1 version=5 type=payment." + type +
           " at=7 amount=" + amount + " refund_id=" + refund + "\n";
}
std::string doubt(const std::string& kind, const std::string& key) {
    return kind + " payment_doubts payment_id=o.1 " + key + "\n";
}

const payment::Authorised authorised{"a-1", kernel::Timestamp(99), {300, cents_of}};

INSTANTIATE_TEST_SUITE_P(
    payments, ChangesOfPayment,
    testing::Values(
        PaymentCase{"initiated", payment::Initiated{kernel::OrderId("o"), {300, cents_of}, "card"},
                    "put payments id=o.1 order_id=o method=card amount=300 currency=EUR "
                    "authorisation=pending code=null capturing=0 voiding=false captured=0 "
                    "refunded=0 version=5 created_at=7 updated_at=7\n"},
        PaymentCase{"authorised", authorised,
                    set("authorisation=authorised") +
                        "put payment_promises payment_id=o.1 provider_ref=a-1 amount=300 "
                        "expires_at=99\n" +
                        movement("authorised", "300")},
        PaymentCase{"declined", payment::Declined{"no_funds"},
                    set("authorisation=declined") + set("code=no_funds")},
        PaymentCase{"a void nobody knows of", payment::OutcomeUnknown{Operation::void_, "v"},
                    doubt("put", "operation=void refund_id= since=7")},
        PaymentCase{"a refund nobody knows of", payment::OutcomeUnknown{Operation::refund, "r"},
                    doubt("put", "operation=refund refund_id=r since=7")},
        PaymentCase{"a capture that was done",
                    payment::Reconciled{Operation::capture, "c", Found::done},
                    doubt("remove", "operation=capture refund_id=")},
        PaymentCase{"a capture that was not",
                    payment::Reconciled{Operation::capture, "c", Found::absent},
                    doubt("remove", "operation=capture refund_id=") + set("capturing=0")},
        PaymentCase{"a void that was not",
                    payment::Reconciled{Operation::void_, "v", Found::refused},
                    doubt("remove", "operation=void refund_id=") + set("voiding=false")},
        PaymentCase{"a refund that was not",
                    payment::Reconciled{Operation::refund, "r", Found::absent},
                    doubt("remove", "operation=refund refund_id=r")},
        PaymentCase{"capture requested", payment::CaptureRequested{{200, cents_of}},
                    set("capturing=200")},
        PaymentCase{"captured", payment::Captured{{200, cents_of}, "c-1"},
                    set("capturing=0") + set("captured=200") + movement("captured", "200")},
        PaymentCase{"void requested", payment::VoidRequested{}, set("voiding=true")},
        PaymentCase{"what is left voided",
                    payment::Voided{},
                    set("voiding=false") + set("authorisation=voided") + movement("voided", "100"),
                    {authorised, payment::Captured{{200, cents_of}, "c-1"}}},
        PaymentCase{"voided, never authorised", payment::Voided{},
                    "error: voided, but not authorised before"},
        PaymentCase{"refund requested",
                    payment::RefundRequested{RefundId("r"), {50, cents_of}, "broken"},
                    "put payment_refunds payment_id=o.1 refund_id=r version=5 amount=50 "
                    "reason=broken status=requested code=null requested_at=7\n"},
        PaymentCase{"refunded", payment::Refunded{RefundId("r"), {50, cents_of}},
                    set("refunded=50") +
                        "update payment_refunds payment_id=o.1 refund_id=r status=refunded "
                        "code=null\n" +
                        movement("refunded", "50", "r")},
        PaymentCase{"refund failed", payment::RefundFailed{RefundId("r"), "gone"},
                    "update payment_refunds payment_id=o.1 refund_id=r status=failed "
                    "code=gone\n"}));

}  // namespace
}  // namespace skald::projections
