#include "sagas/shop/shop_companions.h"

#include <algorithm>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "domain/kernel/enum_name.h"

namespace skald::sagas {
namespace {

using payment::Operation;

// How long a promise of money holds if the provider did not say.
constexpr std::int64_t promise_days = 7;

}  // namespace

Taken ShopCompanions::tell(const order::Command& command) {
    auto decision = order::decide(order, command);
    if (!decision)
        return unexpected("order_" + std::string(kernel::name_of(decision.error().code)));
    for (auto& event : *decision) {
        order::apply(order, event);
        order_events_.push_back(std::move(event));
    }
    return {};
}

Taken ShopCompanions::tell(const payment::Command& command) {
    auto decision = payment::decide(payment, command);
    if (!decision) return unexpected("payment_" + std::string(kernel::name_of(decision.error())));
    for (auto& event : *decision) {
        payment::apply(payment, event);
        payment_events_.push_back(std::move(event));
    }
    return {};
}

Taken ShopCompanions::authorise(const Happening& what) {
    switch (what.moment) {
        case Moment::succeeded: {
            const auto expires = what.detail.empty()
                                     ? what.at + promise_days * kernel::microseconds_per_day
                                     : kernel::Timestamp(std::stoll(what.detail));
            return tell(payment::RecordAuthorised{what.reference, expires, payment.amount});
        }
        case Moment::refused:
            return tell(payment::RecordDeclined{what.code});
        case Moment::unknown:
            return tell(payment::RecordUnknown{Operation::authorise, "authorise"});
        case Moment::never:
            return tell(
                payment::Reconcile{Operation::authorise, "authorise", payment::Found::absent});
        case Moment::skipped:
        case Moment::abandoned:
            if (payment.authorisation != payment::Authorisation::pending) return {};
            return tell(payment::RecordDeclined{what.code});
        default:
            return {};
    }
}

Taken ShopCompanions::capture(const Happening& what, const kernel::Money& amount) {
    switch (what.moment) {
        case Moment::attempt_started:
            return tell(payment::RequestCapture{amount});
        case Moment::succeeded:
            return tell(payment::RecordCaptured{amount, what.reference});
        case Moment::refused:
            return tell(payment::Reconcile{Operation::capture, "capture", payment::Found::refused});
        case Moment::unknown:
            return tell(payment::RecordUnknown{Operation::capture, "capture"});
        case Moment::never:
            return tell(payment::Reconcile{Operation::capture, "capture", payment::Found::absent});
        case Moment::skipped:
        case Moment::called_off:
        case Moment::abandoned:
            return withdraw(Operation::capture, "capture");
        default:
            return {};
    }
}

Taken ShopCompanions::give_up(const Happening& what) {
    switch (what.moment) {
        case Moment::attempt_started:
            return tell(payment::RequestVoid{});
        case Moment::succeeded:
            return tell(payment::RecordVoided{});
        case Moment::refused:
            return tell(payment::Reconcile{Operation::void_, "void", payment::Found::refused});
        case Moment::unknown:
            return tell(payment::RecordUnknown{Operation::void_, "void"});
        case Moment::never:
            return tell(payment::Reconcile{Operation::void_, "void", payment::Found::absent});
        case Moment::skipped:
        case Moment::called_off:
        case Moment::abandoned:
            return withdraw(Operation::void_, "void");
        default:
            return {};
    }
}

Taken ShopCompanions::refund(const Happening& what, const kernel::RefundId& id,
                             const kernel::Money& amount, const std::string& reason) {
    switch (what.moment) {
        case Moment::attempt_started: {
            // Nothing is kept for it any more: another may have given the money back.
            const auto known = payment.refunds.find(id);
            if (known != payment.refunds.end() &&
                known->second.status == payment::RefundStatus::failed)
                return unexpected(std::string("refund_failed"));
            auto taken = tell(payment::RequestRefund{id, amount, reason});
            // The money is still on its way in.
            if (!taken && taken.error() == "payment_more_than_captured" &&
                payment.authorisation == payment::Authorisation::authorised &&
                payment.captured.amount < payment.authorised.amount)
                return unexpected(std::string(not_now));
            return taken;
        }
        case Moment::succeeded:
            return tell(payment::RecordRefunded{id, amount});
        case Moment::refused:
            if (what.code == recorded_by_operator)
                return tell(payment::RecordRefundFailed{id, what.code});
            // The money is kept for it while its saga may be retried.
            return tell(payment::Reconcile{Operation::refund, id.value(), payment::Found::refused});
        case Moment::unknown:
            return tell(payment::RecordUnknown{Operation::refund, id.value()});
        case Moment::never:
            return tell(payment::Reconcile{Operation::refund, id.value(), payment::Found::absent});
        case Moment::skipped:
        case Moment::called_off:
        case Moment::abandoned:
            return forgo(id, amount, reason, what.code);
        default:
            return {};
    }
}

Taken ShopCompanions::withdraw(payment::Operation operation, const std::string& ref) {
    if (!payment::in_flight(payment, operation, ref)) return {};
    return tell(payment::Reconcile{operation, ref, payment::Found::refused});
}

// A refund that the payment has not heard of yet is put on record too: what is owed for goods that
// came back is reckoned by it. Of more than was taken only that much can be owed.
Taken ShopCompanions::forgo(const kernel::RefundId& id, const kernel::Money& amount,
                            const std::string& reason, const std::string& code) {
    auto due = amount;
    due.amount = std::min(
        due.amount, payment.captured.amount - payment.refunding.amount - payment.refunded.amount);
    if (!payment.refunds.contains(id) && !tell(payment::RequestRefund{id, due, reason})) return {};
    if (payment.refunds.at(id).status != payment::RefundStatus::requested) return {};
    return tell(payment::RecordRefundFailed{id, code});
}

Result<std::string, std::string> ShopCompanions::authorisation() const {
    if (!payment.promise || payment.authorisation != payment::Authorisation::authorised)
        return unexpected(std::string("payment_not_authorised"));
    return payment.promise->provider_ref;
}

Result<std::string, std::string> ShopCompanions::authorisation_taken() const {
    if (payment.promise && payment.captured.amount > 0) return payment.promise->provider_ref;
    return authorisation();
}

Taken ShopCompanions::complete_if_over() {
    const bool paid = payment.captured.amount >= order::owed(order).amount;
    return paid && !order::has_unshipped(order) ? tell(order::Complete{}) : Taken();
}

std::vector<std::vector<eventstore::NewEvent>> ShopCompanions::events(
    const std::string& meta) const {
    return {commands::encoded<commands::OrderBinding>(order_events_, meta),
            commands::encoded<commands::PaymentBinding>(payment_events_, meta)};
}

}  // namespace skald::sagas
