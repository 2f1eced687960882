// What each stored event makes of a payment.
#include <algorithm>

#include "domain/kernel/impossible.h"
#include "domain/kernel/invariant.h"
#include "domain/payment/payment.h"

namespace skald::payment {
namespace {

using kernel::possible;

void possible_without_doubt(const State& s, Operation operation, const std::string& ref) {
    possible(!find_doubt(s, operation, ref), "the outcome was unknown, and is not reconciled");
}

void possible_money(const State& s, const Money& amount) {
    possible(amount.currency == s.amount.currency, "money of another currency");
}

void apply(State& s, const Initiated& e) {
    possible(!s.exists, "initiated twice");
    s.exists = true;
    s.order = e.order;
    s.amount = e.amount;
    s.method = e.method;
    s.authorised = s.captured = s.refunding = s.refunded = {0, e.amount.currency};
}

void apply(State& s, const Authorised& e) {
    possible(s.authorisation == Authorisation::pending, "authorised, but not pending before");
    possible_without_doubt(s, Operation::authorise, {});
    possible_money(s, e.amount);
    possible(e.amount.amount <= s.amount.amount, "authorised more than was asked for");
    s.authorisation = Authorisation::authorised;
    s.promise = e;
    s.authorised = e.amount;
}

void apply(State& s, const Declined&) {
    possible(s.authorisation == Authorisation::pending, "declined, but not pending before");
    possible_without_doubt(s, Operation::authorise, {});
    s.authorisation = Authorisation::declined;
}

void apply(State& s, const OutcomeUnknown& e) {
    possible(in_flight(s, e.operation, e.ref), "the outcome of what nobody asked for");
    possible_without_doubt(s, e.operation, e.ref);
    s.unknown.push_back({e.operation, e.ref});
}

void apply(State& s, const CaptureRequested& e) {
    possible(s.authorisation == Authorisation::authorised, "a capture of what is not authorised");
    possible(!s.capturing && !s.voiding, "a capture while another request is in flight");
    possible_money(s, e.amount);
    possible(e.amount.amount <= s.authorised.amount - s.captured.amount,
             "a capture of more than is authorised");
    s.capturing = e.amount;
}

void apply(State& s, const Captured& e) {
    possible(s.capturing == e.amount, "captured what nobody asked for");
    possible_without_doubt(s, Operation::capture, {});
    possible(s.captures.emplace(e.provider_ref, e.amount).second, "a capture twice");
    s.captured.amount += e.amount.amount;
    s.capturing.reset();
}

void apply(State& s, const VoidRequested&) {
    possible(s.authorisation == Authorisation::authorised, "a void of what is not authorised");
    possible(!s.capturing && !s.voiding, "a void while another request is in flight");
    s.voiding = true;
}

void apply(State& s, const Voided&) {
    possible(s.voiding, "voided, which nobody asked for");
    possible_without_doubt(s, Operation::void_, {});
    s.voiding = false;
    s.authorisation = Authorisation::voided;
}

void apply(State& s, const RefundRequested& e) {
    possible_money(s, e.amount);
    possible(e.amount.amount <= s.captured.amount - s.refunding.amount - s.refunded.amount,
             "a refund of more than was captured");
    const auto known = s.refunds.find(e.refund_id);
    possible(known == s.refunds.end() || known->second.status == RefundStatus::failed,
             "a refund twice");
    s.refunds.insert_or_assign(e.refund_id, Refund{e.amount, e.reason});
    s.refunding.amount += e.amount.amount;
}

Refund& ended(State& s, const RefundId& id) {
    const auto refund = s.refunds.find(id);
    possible(refund != s.refunds.end(), "the end of a refund that nobody asked for");
    possible(refund->second.status == RefundStatus::requested, "a refund ended twice");
    possible_without_doubt(s, Operation::refund, id.value());
    s.refunding.amount -= refund->second.amount.amount;
    return refund->second;
}

void apply(State& s, const Refunded& e) {
    Refund& refund = ended(s, e.refund_id);
    possible(refund.amount == e.amount, "refunded another amount than was asked for");
    refund.status = RefundStatus::refunded;
    s.refunded.amount += e.amount.amount;
}

void apply(State& s, const RefundFailed& e) { ended(s, e.refund_id).status = RefundStatus::failed; }

void apply(State& s, const Reconciled& e) {
    possible(in_flight(s, e.operation, e.ref), "reconciled what nobody asked for");
    if (const Doubt* doubt = find_doubt(s, e.operation, e.ref)) {
        possible(doubt->ref == e.ref, "reconciled under another reference");
        s.unknown.erase(s.unknown.begin() + (doubt - s.unknown.data()));
    }
    if (e.found == Found::done) return;
    if (e.operation == Operation::capture) s.capturing.reset();
    if (e.operation == Operation::void_) s.voiding = false;
}

}  // namespace

bool in_flight(const State& state, Operation operation, const std::string& ref) {
    switch (operation) {
        case Operation::authorise:
            return state.authorisation == Authorisation::pending;
        case Operation::capture:
            return state.capturing.has_value();
        case Operation::void_:
            return state.voiding;
        case Operation::refund:
            const auto refund = state.refunds.find(RefundId(ref));
            return refund != state.refunds.end() &&
                   refund->second.status == RefundStatus::requested;
    }
    INVARIANT(false);
}

const Doubt* find_doubt(const State& state, Operation operation, const std::string& ref) {
    const auto found = std::ranges::find_if(state.unknown, [&](const Doubt& doubt) {
        return doubt.operation == operation && (operation != Operation::refund || doubt.ref == ref);
    });
    return found == state.unknown.end() ? nullptr : &*found;
}

void apply(State& state, const Event& event) {
    possible(state.exists || std::holds_alternative<Initiated>(event),
             "nothing was initiated before");
    std::visit([&](const auto& e) { apply(state, e); }, event);
}

State evolve(State state, const Event& event) {
    apply(state, event);
    return state;
}

}  // namespace skald::payment
