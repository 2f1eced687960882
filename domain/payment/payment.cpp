#include "domain/payment/payment.h"

#include "domain/kernel/text.h"

namespace skald::payment {
namespace {

using kernel::accept;
using kernel::already_done;
using kernel::refuse;
using Fault = std::optional<Refusal>;

Fault fault_of(const std::string& text) {
    if (text.empty()) return Refusal::text_empty;
    if (text.size() > kernel::label_bytes_max) return Refusal::text_too_long;
    if (!kernel::is_text(text)) return Refusal::text_invalid;
    return std::nullopt;
}

Fault fault_of(const State& s, const Money& amount) {
    if (amount.amount < 1) return Refusal::amount_not_positive;
    if (amount.currency != s.amount.currency) return Refusal::currency_differs;
    return std::nullopt;
}

// The fact, and if it ends a doubt, first that it does.
Decision answered(const State& s, Operation operation, const std::string& ref, Found found,
                  Event fact) {
    std::vector<Event> events;
    if (const Doubt* doubt = find_doubt(s, operation, ref))
        events.emplace_back(Reconciled{operation, doubt->ref, found});
    events.push_back(std::move(fact));
    return events;
}

Decision on(const State& s, const Initiate& c) {
    if (s.exists) {
        if (s.order != c.order || s.amount != c.amount || s.method != c.method)
            return refuse(Refusal::already_initiated);
        return already_done();
    }
    if (!is_id(c.order)) return refuse(Refusal::id_invalid);
    if (!kernel::is_id(std::string_view(c.method))) return refuse(Refusal::method_invalid);
    if (c.amount.amount < 1) return refuse(Refusal::amount_not_positive);
    return accept(Initiated{c.order, c.amount, c.method});
}

Decision on(const State& s, const RecordAuthorised& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(s, c.amount)) return refuse(*fault);
    if (const auto fault = fault_of(c.provider_ref)) return refuse(*fault);
    if (c.expires_at < kernel::time_min || c.expires_at > kernel::time_max)
        return refuse(Refusal::expires_at_out_of_range);
    const Authorised promise{c.provider_ref, c.expires_at, c.amount};
    if (s.promise == promise) return already_done();
    if (s.promise) return refuse(Refusal::authorisation_differs);
    if (s.authorisation == Authorisation::declined) return refuse(Refusal::declined);
    if (c.amount.amount > s.amount.amount) return refuse(Refusal::more_than_initiated);
    return answered(s, Operation::authorise, {}, Found::done, promise);
}

Decision on(const State& s, const RecordDeclined& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(c.code)) return refuse(*fault);
    if (s.authorisation == Authorisation::declined) return already_done();
    if (s.promise) return refuse(Refusal::already_authorised);
    return answered(s, Operation::authorise, {}, Found::refused, Declined{c.code});
}

Decision on(const State& s, const RecordCaptured& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(s, c.amount)) return refuse(*fault);
    if (const auto fault = fault_of(c.provider_ref)) return refuse(*fault);
    if (const auto known = s.captures.find(c.provider_ref); known != s.captures.end()) {
        if (known->second != c.amount) return refuse(Refusal::capture_differs);
        return already_done();
    }
    if (s.capturing && *s.capturing != c.amount) return refuse(Refusal::capture_differs);
    if (!s.capturing) return refuse(Refusal::not_in_flight);
    return answered(s, Operation::capture, {}, Found::done, Captured{c.amount, c.provider_ref});
}

Decision on(const State& s, const RecordVoided&) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (s.authorisation == Authorisation::voided) return already_done();
    if (!s.voiding) return refuse(Refusal::not_in_flight);
    return answered(s, Operation::void_, {}, Found::done, Voided{});
}

Decision on(const State& s, const RecordRefunded& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    const auto refund = s.refunds.find(c.refund_id);
    if (refund == s.refunds.end()) return refuse(Refusal::refund_unknown);
    if (refund->second.amount != c.amount) return refuse(Refusal::refund_differs);
    if (refund->second.status == RefundStatus::refunded) return already_done();
    if (refund->second.status == RefundStatus::failed) return refuse(Refusal::refund_ended);
    return answered(s, Operation::refund, c.refund_id.value(), Found::done,
                    Refunded{c.refund_id, c.amount});
}

Decision on(const State& s, const RecordRefundFailed& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(c.code)) return refuse(*fault);
    const auto refund = s.refunds.find(c.refund_id);
    if (refund == s.refunds.end()) return refuse(Refusal::refund_unknown);
    if (refund->second.status == RefundStatus::failed) return already_done();
    if (refund->second.status == RefundStatus::refunded) return refuse(Refusal::refund_ended);
    return answered(s, Operation::refund, c.refund_id.value(), Found::refused,
                    RefundFailed{c.refund_id, c.code});
}

Decision on(const State& s, const RecordUnknown& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(c.ref)) return refuse(*fault);
    if (!in_flight(s, c.operation, c.ref)) return refuse(Refusal::not_in_flight);
    if (const Doubt* doubt = find_doubt(s, c.operation, c.ref)) {
        if (doubt->ref != c.ref) return refuse(Refusal::reference_differs);
        return already_done();
    }
    return accept(OutcomeUnknown{c.operation, c.ref});
}

Decision on(const State& s, const Reconcile& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(c.ref)) return refuse(*fault);
    if (!in_flight(s, c.operation, c.ref)) return refuse(Refusal::not_in_flight);
    const Doubt* doubt = find_doubt(s, c.operation, c.ref);
    if (doubt && doubt->ref != c.ref) return refuse(Refusal::reference_differs);
    const bool withdraws = c.found != Found::done &&
                           (c.operation == Operation::capture || c.operation == Operation::void_);
    if (!doubt && !withdraws) return already_done();
    return accept(Reconciled{c.operation, c.ref, c.found});
}

Decision on(const State& s, const RequestCapture& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (const auto fault = fault_of(s, c.amount)) return refuse(*fault);
    if (s.capturing == c.amount) return already_done();
    if (s.authorisation != Authorisation::authorised) return refuse(Refusal::not_authorised);
    if (s.capturing || s.voiding) return refuse(Refusal::in_flight);
    if (c.amount.amount > s.authorised.amount - s.captured.amount)
        return refuse(Refusal::more_than_authorised);
    return accept(CaptureRequested{c.amount});
}

Decision on(const State& s, const RequestVoid&) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (s.voiding || s.authorisation == Authorisation::voided) return already_done();
    if (s.authorisation != Authorisation::authorised) return refuse(Refusal::not_authorised);
    if (s.capturing) return refuse(Refusal::in_flight);
    if (s.captured == s.authorised) return refuse(Refusal::nothing_to_void);
    return accept(VoidRequested{});
}

Decision on(const State& s, const RequestRefund& c) {
    if (!s.exists) return refuse(Refusal::not_found);
    if (!is_id(c.refund_id)) return refuse(Refusal::id_invalid);
    if (const auto fault = fault_of(s, c.amount)) return refuse(*fault);
    if (const auto fault = fault_of(c.reason)) return refuse(*fault);
    if (const auto known = s.refunds.find(c.refund_id); known != s.refunds.end()) {
        if (known->second.amount != c.amount || known->second.reason != c.reason)
            return refuse(Refusal::refund_differs);
        if (known->second.status != RefundStatus::failed) return already_done();
    }
    if (c.amount.amount > s.captured.amount - s.refunding.amount - s.refunded.amount)
        return refuse(Refusal::more_than_captured);
    return accept(RefundRequested{c.refund_id, c.amount, c.reason});
}

}  // namespace

Decision decide(const State& state, const Command& command) {
    return std::visit([&](const auto& c) { return on(state, c); }, command);
}

}  // namespace skald::payment
