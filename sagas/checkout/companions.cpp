#include "sagas/checkout/companions.h"

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "domain/kernel/enum_name.h"

namespace skald::sagas {
namespace {

using payment::Operation;

// How long a promise of money holds if the provider did not say.
constexpr std::int64_t promise_days = 7;

// Why the order came to nothing, as its customer is told.
std::string reason_of(const saga::State& saga) {
    if (saga.code == "cancelled") return "cancelled";
    for (const auto& step : saga.steps) {
        if (step.name == "reserve" && !step.code.empty())
            return step.code == "timed_out" ? "stock_unavailable" : "out_of_stock";
        if (step.name == "authorise" && !step.code.empty())
            return step.code == "timed_out" ? "payment_unavailable" : "payment_declined";
    }
    return saga.code.empty() ? "failed" : saga.code;
}

}  // namespace

Result<void, std::string> CheckoutCompanions::take(const saga::State& saga, const Happening& what) {
    if (what.step == "accept") return what.undo ? turn_down(saga) : accept(saga);
    if (what.step == "authorise") return what.undo ? void_it(what) : authorise(saga, what);
    if (what.step == "confirm")
        return tell(order::Confirm{
            kernel::numbered_id<kernel::PaymentId>(kernel::OrderId(saga.subject), 1)});
    if (what.step == "capture") return capture(what);
    if (what.step == "complete") return tell(order::Complete{});
    return {};
}

Result<void, std::string> CheckoutCompanions::accept(const saga::State& saga) {
    // It may have been cancelled already: then the pivot will not be reached.
    if (order.status != order::Status::pending && order.status != order::Status::cancelling)
        return unexpected(std::string("not_pending"));
    return tell(
        payment::Initiate{kernel::OrderId(saga.subject), order.total, order.payment_method});
}

Result<void, std::string> CheckoutCompanions::turn_down(const saga::State& saga) {
    if (order.status == order::Status::cancelling)
        return tell(order::Cancel{{0, order.total.currency}});
    return tell(order::Reject{reason_of(saga), {}});
}

Result<void, std::string> CheckoutCompanions::authorise(const saga::State&, const Happening& what) {
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
        default:
            return {};
    }
}

Result<void, std::string> CheckoutCompanions::void_it(const Happening& what) {
    switch (what.moment) {
        case Moment::attempt_started:
            return tell(payment::RequestVoid{});
        case Moment::succeeded:
            return tell(payment::RecordVoided{});
        case Moment::unknown:
            return tell(payment::RecordUnknown{Operation::void_, "void"});
        case Moment::never:
            return tell(payment::Reconcile{Operation::void_, "void", payment::Found::absent});
        default:
            return {};
    }
}

Result<void, std::string> CheckoutCompanions::capture(const Happening& what) {
    switch (what.moment) {
        case Moment::attempt_started:
            return tell(payment::RequestCapture{payment.authorised});
        case Moment::succeeded:
            return tell(payment::RecordCaptured{payment.authorised, what.reference});
        case Moment::unknown:
            return tell(payment::RecordUnknown{Operation::capture, "capture"});
        case Moment::never:
            return tell(payment::Reconcile{Operation::capture, "capture", payment::Found::absent});
        default:
            return {};
    }
}

Result<void, std::string> CheckoutCompanions::tell(const order::Command& command) {
    auto decision = order::decide(order, command);
    if (!decision)
        return unexpected("order_" + std::string(kernel::name_of(decision.error().code)));
    for (auto& event : *decision) {
        order::apply(order, event);
        order_events_.push_back(std::move(event));
    }
    return {};
}

Result<void, std::string> CheckoutCompanions::tell(const payment::Command& command) {
    auto decision = payment::decide(payment, command);
    if (!decision) return unexpected("payment_" + std::string(kernel::name_of(decision.error())));
    for (auto& event : *decision) {
        payment::apply(payment, event);
        payment_events_.push_back(std::move(event));
    }
    return {};
}

std::vector<std::vector<eventstore::NewEvent>> CheckoutCompanions::events(
    const std::string& meta) const {
    return {commands::encoded<commands::OrderBinding>(order_events_, meta),
            commands::encoded<commands::PaymentBinding>(payment_events_, meta)};
}

}  // namespace skald::sagas
