// One attempt to have an order paid: what the payment partner promised (authorised), took
// (captured) and gave back (refunded). Stream `payment-<order id>.<n>`. Pure functions.
//
//   captured <= authorised <= amount, refunded <= captured, all in one currency.
//
// Three axes. The authorisation: pending -> authorised -> voided, or pending -> declined, which
// ends it. Captures, in one part or several, one at a time. Refunds, each under an id of its own,
// once; one that failed may be asked for again. What the partner was asked and has not answered is
// in flight; an answer that never came makes its outcome unknown, until the partner was asked what
// it did: reconciled, one way or the other.
#pragma once

#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"

namespace skald::payment {

using kernel::Money;
using kernel::OrderId;
using kernel::RefundId;
using kernel::Timestamp;

// What a partner is asked to do. void_: to give up what is authorised and not captured.
BOOST_DEFINE_ENUM_CLASS(Operation, authorise, capture, void_, refund)

// What the partner says of an operation. absent: it never heard of it.
BOOST_DEFINE_ENUM_CLASS(Found, done, refused, absent)

// Facts. Names and fields are stored for ever; schemas/payment/v1/payment.proto is their wire form.
struct Initiated {
    OrderId order;
    Money amount;
    std::string method;
    bool operator==(const Initiated&) const = default;
};
struct Authorised {
    std::string provider_ref;
    Timestamp expires_at;
    Money amount;
    bool operator==(const Authorised&) const = default;
};
struct Declined {
    std::string code;
    bool operator==(const Declined&) const = default;
};
struct OutcomeUnknown {
    Operation operation{};
    std::string ref;  // under which the partner was asked; of a refund, its id
    bool operator==(const OutcomeUnknown&) const = default;
};
struct CaptureRequested {
    Money amount;
    bool operator==(const CaptureRequested&) const = default;
};
struct Captured {
    Money amount;
    std::string provider_ref;
    bool operator==(const Captured&) const = default;
};
struct VoidRequested {
    bool operator==(const VoidRequested&) const = default;
};
struct Voided {
    bool operator==(const Voided&) const = default;
};
struct RefundRequested {
    RefundId refund_id;
    Money amount;
    std::string reason;
    bool operator==(const RefundRequested&) const = default;
};
struct Refunded {
    RefundId refund_id;
    Money amount;
    bool operator==(const Refunded&) const = default;
};
struct RefundFailed {
    RefundId refund_id;
    std::string code;
    bool operator==(const RefundFailed&) const = default;
};
struct Reconciled {  // its outcome is known; not done: a capture or void is no longer asked for
    Operation operation{};
    std::string ref;
    Found found{};
    bool operator==(const Reconciled&) const = default;
};
using Event =
    std::variant<Initiated, Authorised, Declined, OutcomeUnknown, CaptureRequested, Captured,
                 VoidRequested, Voided, RefundRequested, Refunded, RefundFailed, Reconciled>;

struct Initiate {
    OrderId order;
    Money amount;
    std::string method;
};
// The partner's answers. One that ends a doubt says so first: it is Reconciled, then the fact.
struct RecordAuthorised {
    std::string provider_ref;
    Timestamp expires_at;
    Money amount;  // at most what was initiated
};
struct RecordDeclined {
    std::string code;
};
struct RecordCaptured {
    Money amount;
    std::string provider_ref;
};
struct RecordVoided {};
struct RecordRefunded {
    RefundId refund_id;
    Money amount;
};
struct RecordRefundFailed {
    RefundId refund_id;
    std::string code;
};
struct RecordUnknown {  // only of what is in flight
    Operation operation{};
    std::string ref;
};
// What the partner says when it is asked afterwards. Ends a doubt; the fact itself is then told by
// one of the above. A capture or void that was not done is no longer in flight, doubt or not.
struct Reconcile {
    Operation operation{};
    std::string ref;
    Found found{};
};
struct RequestCapture {
    Money amount;
};
struct RequestVoid {};
struct RequestRefund {
    RefundId refund_id;
    Money amount;
    std::string reason;
};
using Command = std::variant<Initiate, RecordAuthorised, RecordDeclined, RecordCaptured,
                             RecordVoided, RecordRefunded, RecordRefundFailed, RecordUnknown,
                             Reconcile, RequestCapture, RequestVoid, RequestRefund>;

// Checked in this order. What is in the stream already is done, not refused: *_differs is said
// where the same step or id has another content. A text is a code, reference or reason.
BOOST_DEFINE_ENUM_CLASS(Refusal, already_initiated, not_found, id_invalid, method_invalid,
                        amount_not_positive, currency_differs, text_empty, text_too_long,
                        text_invalid, expires_at_out_of_range, authorisation_differs,
                        capture_differs, refund_differs, refund_unknown, refund_ended, declined,
                        already_authorised, not_in_flight, reference_differs, not_authorised,
                        in_flight, nothing_to_void, more_than_initiated, more_than_authorised,
                        more_than_captured)

BOOST_DEFINE_ENUM_CLASS(Authorisation, pending, authorised, declined, voided)
BOOST_DEFINE_ENUM_CLASS(RefundStatus, requested, refunded, failed)

struct Refund {
    Money amount;
    std::string reason;
    RefundStatus status = RefundStatus::requested;
    bool operator==(const Refund&) const = default;
};

struct Doubt {
    Operation operation{};
    std::string ref;
    bool operator==(const Doubt&) const = default;
};

struct State {
    bool exists = false;
    OrderId order;
    Money amount;
    std::string method;
    Authorisation authorisation = Authorisation::pending;
    std::optional<Authorised> promise;  // since it was authorised; stays when voided
    Money authorised;
    Money captured;
    Money refunding;  // requested, and neither refunded nor failed
    Money refunded;
    std::optional<Money> capturing;         // in flight
    bool voiding = false;                   // in flight
    std::map<std::string, Money> captures;  // by the partner's reference
    std::map<RefundId, Refund> refunds;
    std::vector<Doubt> unknown;  // at most one of each operation, of each refund
    bool operator==(const State&) const = default;
};

// Whether the partner was asked for it and has not answered; `ref` matters for refunds only.
bool in_flight(const State& state, Operation operation, const std::string& ref);
// The doubt about the operation (of refunds: about this one), or nullptr.
const Doubt* find_doubt(const State& state, Operation operation, const std::string& ref);

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::payment
