// What a payment accepts and refuses, command by command. Which command is possible in which state
// is in matrix_test.cpp.
#include "domain/payment/payment.h"

#include <gtest/gtest.h>

#include "domain/kernel/enum_name.h"
#include "domain/payment/examples.h"

namespace skald::payment {
namespace {

using namespace examples;
using kernel::time_max;
using kernel::time_min;

const std::string longest(200, 'r'), too_long(201, 'r');

TEST(Payment, AcceptsWith) {
    struct Row {
        std::string_view what;
        State given;
        Command when;
        std::vector<Event> then;
    };
    const auto known = [](Operation operation, std::string ref, Found found) {
        return Reconciled{operation, std::move(ref), found};
    };
    const Row rows[] = {
        {"the first of it", nothing, Initiate{order, euros(50), "card-ok"}, {initiated}},
        {"the first of it again", authorised, Initiate{order, euros(50), "card-ok"}, {}},
        {"a part promised", pending, RecordAuthorised{"auth-1", noon, euros(40)}, {promised}},
        {"all promised, for ever",
         pending,
         RecordAuthorised{longest, time_max, euros(50)},
         {Authorised{longest, time_max, euros(50)}}},
        {"the promise again", captured, RecordAuthorised{"auth-1", noon, euros(40)}, {}},
        {"the promise again, given up", voided, RecordAuthorised{"auth-1", noon, euros(40)}, {}},
        {"a promise after all",
         pending_unknown,
         RecordAuthorised{"auth-1", noon, euros(40)},
         {known(Operation::authorise, "k", Found::done), promised}},
        {"declined", pending, RecordDeclined{"no_funds"}, {Declined{"no_funds"}}},
        {"declined after all",
         pending_unknown,
         RecordDeclined{"no_funds"},
         {known(Operation::authorise, "k", Found::refused), Declined{"no_funds"}}},
        {"declined again", declined, RecordDeclined{"no_funds"}, {}},
        {"no answer",
         pending,
         RecordUnknown{Operation::authorise, "k"},
         {OutcomeUnknown{Operation::authorise, "k"}}},
        {"no answer, as was said", pending_unknown, RecordUnknown{Operation::authorise, "k"}, {}},
        {"no answer to a refund",
         refunding,
         RecordUnknown{Operation::refund, "r1"},
         {OutcomeUnknown{Operation::refund, "r1"}}},
        {"it never heard of it",
         pending_unknown,
         Reconcile{Operation::authorise, "k", Found::absent},
         {known(Operation::authorise, "k", Found::absent)}},
        {"no doubt to end", pending, Reconcile{Operation::authorise, "k", Found::absent}, {}},
        {"a capture that was done",
         capture_unknown,
         Reconcile{Operation::capture, "k", Found::done},
         {known(Operation::capture, "k", Found::done)}},
        {"a capture that was refused at once",
         capturing,
         Reconcile{Operation::capture, "k", Found::refused},
         {known(Operation::capture, "k", Found::refused)}},
        {"a void that never arrived",
         void_unknown,
         Reconcile{Operation::void_, "k", Found::absent},
         {known(Operation::void_, "k", Found::absent)}},
        {"a part asked for", authorised, RequestCapture{euros(30)}, {CaptureRequested{euros(30)}}},
        {"the part asked for again", capture_unknown, RequestCapture{euros(30)}, {}},
        {"the rest asked for", captured, RequestCapture{euros(10)}, {CaptureRequested{euros(10)}}},
        {"a part taken",
         capturing,
         RecordCaptured{euros(30), "cap-1"},
         {Captured{euros(30), "cap-1"}}},
        {"a part taken after all",
         capture_unknown,
         RecordCaptured{euros(30), "cap-1"},
         {known(Operation::capture, "k", Found::done), Captured{euros(30), "cap-1"}}},
        {"a part taken, as was said", all_captured, RecordCaptured{euros(30), "cap-1"}, {}},
        {"to be given up", authorised, RequestVoid{}, {VoidRequested{}}},
        {"the rest to be given up", captured, RequestVoid{}, {VoidRequested{}}},
        {"to be given up again", voiding, RequestVoid{}, {}},
        {"given up", voiding, RecordVoided{}, {Voided{}}},
        {"given up after all",
         void_unknown,
         RecordVoided{},
         {known(Operation::void_, "k", Found::done), Voided{}}},
        {"given up again", voided, RecordVoided{}, {}},
        {"a part to go back",
         captured,
         RequestRefund{r1, euros(20), "came back"},
         {RefundRequested{r1, euros(20), "came back"}}},
        {"the same part to go back", refunded, RequestRefund{r1, euros(20), "came back"}, {}},
        {"all the rest to go back",
         refunding,
         RequestRefund{r2, euros(10), longest},
         {RefundRequested{r2, euros(10), longest}}},
        {"all to go back, the first try failed",
         refund_failed,
         RequestRefund{r2, euros(30), "again"},
         {RefundRequested{r2, euros(30), "again"}}},
        {"the same part to go back, which failed before",
         refund_failed,
         RequestRefund{r1, euros(20), "came back"},
         {RefundRequested{r1, euros(20), "came back"}}},
        {"a part back", refunding, RecordRefunded{r1, euros(20)}, {Refunded{r1, euros(20)}}},
        {"a part back after all",
         refund_unknown,
         RecordRefunded{r1, euros(20)},
         {known(Operation::refund, "r1", Found::done), Refunded{r1, euros(20)}}},
        {"a part back, as was said", refunded, RecordRefunded{r1, euros(20)}, {}},
        {"not back", refunding, RecordRefundFailed{r1, "closed"}, {RefundFailed{r1, "closed"}}},
        {"not back after all",
         refund_unknown,
         RecordRefundFailed{r1, "closed"},
         {known(Operation::refund, "r1", Found::refused), RefundFailed{r1, "closed"}}},
        {"not back, as was said", refund_failed, RecordRefundFailed{r1, "closed"}, {}},
    };
    for (const Row& row : rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_TRUE(decision) << row.what << ": " << kernel::name_of(decision.error());
        EXPECT_TRUE(*decision == row.then) << row.what;
    }
}

struct Refused {
    std::string_view what;
    State given;
    Command when;
    Refusal then;
};

using R = Refusal;
const Refused refused_rows[] = {
    {"another amount", pending, Initiate{order, euros(49), "card-ok"}, R::already_initiated},
    {"another order", pending, Initiate{OrderId("p"), euros(50), "card-ok"}, R::already_initiated},
    {"another method", pending, Initiate{order, euros(50), "card"}, R::already_initiated},
    {"an order with a dot", nothing, Initiate{OrderId("o.1"), euros(50), "card"}, R::id_invalid},
    {"a method in two words", nothing, Initiate{order, euros(50), "card ok"}, R::method_invalid},
    {"for nothing", nothing, Initiate{order, euros(0), "card"}, R::amount_not_positive},
    {"authorise before it began", nothing, RecordAuthorised{"a", noon, euros(1)}, R::not_found},
    {"promised nothing", pending, RecordAuthorised{"a", noon, euros(0)}, R::amount_not_positive},
    {"promised dollars", pending, RecordAuthorised{"a", noon, {5, usd}}, R::currency_differs},
    {"promised nameless", pending, RecordAuthorised{"", noon, euros(1)}, R::text_empty},
    {"promised at length", pending, RecordAuthorised{too_long, noon, euros(1)}, R::text_too_long},
    {"promised with a bell", pending, RecordAuthorised{"\a", noon, euros(1)}, R::text_invalid},
    {"expired in the year 0", pending, RecordAuthorised{"a", time_min - 1, euros(1)},
     R::expires_at_out_of_range},
    {"expires in the year 10000", pending, RecordAuthorised{"a", time_max + 1, euros(1)},
     R::expires_at_out_of_range},
    {"another promise", authorised, RecordAuthorised{"auth-2", noon, euros(40)},
     R::authorisation_differs},
    {"a promise of another amount", voided, RecordAuthorised{"auth-1", noon, euros(41)},
     R::authorisation_differs},
    {"a promise after a no", declined, RecordAuthorised{"auth-1", noon, euros(40)}, R::declined},
    {"promised more", pending, RecordAuthorised{"auth-1", noon, euros(51)}, R::more_than_initiated},
    {"a no without code", pending, RecordDeclined{""}, R::text_empty},
    {"a no after a promise", authorised, RecordDeclined{"x"}, R::already_authorised},
    {"a no after all was given up", voided, RecordDeclined{"x"}, R::already_authorised},
    {"a doubt without name", pending, RecordUnknown{Operation::authorise, ""}, R::text_empty},
    {"a doubt about what was answered", authorised, RecordUnknown{Operation::authorise, "k"},
     R::not_in_flight},
    {"a doubt about no capture", authorised, RecordUnknown{Operation::capture, "k"},
     R::not_in_flight},
    {"a doubt about no void", authorised, RecordUnknown{Operation::void_, "k"}, R::not_in_flight},
    {"a doubt about no refund", refunding, RecordUnknown{Operation::refund, "r2"},
     R::not_in_flight},
    {"a doubt about a refund that ended", refunded, RecordUnknown{Operation::refund, "r1"},
     R::not_in_flight},
    {"a second doubt", pending_unknown, RecordUnknown{Operation::authorise, "l"},
     R::reference_differs},
    {"reconciled without name", pending_unknown, Reconcile{Operation::authorise, "", Found::done},
     R::text_empty},
    {"reconciled under another name", capture_unknown,
     Reconcile{Operation::capture, "l", Found::absent}, R::reference_differs},
    {"reconciled what nobody asked", authorised, Reconcile{Operation::capture, "k", Found::absent},
     R::not_in_flight},
    {"take nothing", authorised, RequestCapture{euros(0)}, R::amount_not_positive},
    {"take dollars", authorised, RequestCapture{{1, usd}}, R::currency_differs},
    {"take what is not promised", pending, RequestCapture{euros(1)}, R::not_authorised},
    {"take what was given up", voided, RequestCapture{euros(1)}, R::not_authorised},
    {"take more than promised", authorised, RequestCapture{euros(41)}, R::more_than_authorised},
    {"take more than is left", captured, RequestCapture{euros(11)}, R::more_than_authorised},
    {"take two parts at once", capturing, RequestCapture{euros(10)}, R::in_flight},
    {"take while giving up", voiding, RequestCapture{euros(1)}, R::in_flight},
    {"took another amount", capturing, RecordCaptured{euros(31), "cap-1"}, R::capture_differs},
    {"took another amount before", captured, RecordCaptured{euros(31), "cap-1"},
     R::capture_differs},
    {"took what nobody asked for", authorised, RecordCaptured{euros(1), "cap-1"}, R::not_in_flight},
    {"took twice", captured, RecordCaptured{euros(30), "cap-2"}, R::not_in_flight},
    {"took nothing", capturing, RecordCaptured{euros(0), "cap-1"}, R::amount_not_positive},
    {"took nameless", capturing, RecordCaptured{euros(30), ""}, R::text_empty},
    {"give up before a promise", pending, RequestVoid{}, R::not_authorised},
    {"give up while taking", capture_unknown, RequestVoid{}, R::in_flight},
    {"give up when all is taken", all_captured, RequestVoid{}, R::nothing_to_void},
    {"gave up what nobody asked for", authorised, RecordVoided{}, R::not_in_flight},
    {"a refund with a dot", captured, RequestRefund{RefundId("r.1"), euros(1), "x"}, R::id_invalid},
    {"give nothing back", captured, RequestRefund{r1, euros(0), "x"}, R::amount_not_positive},
    {"give dollars back", captured, RequestRefund{r1, {1, usd}, "x"}, R::currency_differs},
    {"give back without reason", captured, RequestRefund{r1, euros(1), ""}, R::text_empty},
    {"the same refund of less", refunded, RequestRefund{r1, euros(19), "came back"},
     R::refund_differs},
    {"the same refund for another reason", refund_failed, RequestRefund{r1, euros(20), "x"},
     R::refund_differs},
    {"what failed before, and is no longer there",
     evolve(refund_failed, RefundRequested{r2, euros(11), "x"}),
     RequestRefund{r1, euros(20), "came back"}, R::more_than_captured},
    {"give back what was not taken", authorised, RequestRefund{r1, euros(1), "x"},
     R::more_than_captured},
    {"give back more than is left", refunding, RequestRefund{r2, euros(11), "x"},
     R::more_than_captured},
    {"gave back what nobody asked for", captured, RecordRefunded{r1, euros(1)}, R::refund_unknown},
    {"gave back another amount", refunding, RecordRefunded{r1, euros(19)}, R::refund_differs},
    {"gave back after a failure", refund_failed, RecordRefunded{r1, euros(20)}, R::refund_ended},
    {"a failure of no refund", captured, RecordRefundFailed{r1, "x"}, R::refund_unknown},
    {"a failure without code", refunding, RecordRefundFailed{r1, ""}, R::text_empty},
    {"a failure of what was given back", refunded, RecordRefundFailed{r1, "x"}, R::refund_ended},
};

TEST(Payment, RefusesWith) {
    for (const Refused& row : refused_rows) {
        const auto decision = decide(row.given, row.when);
        ASSERT_FALSE(decision) << row.what;
        EXPECT_EQ(kernel::name_of(decision.error()), kernel::name_of(row.then)) << row.what;
    }
}

}  // namespace
}  // namespace skald::payment
