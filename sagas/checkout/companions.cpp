#include "sagas/checkout/companions.h"

#include "commands/payments.h"
#include "sagas/checkout/checkout.h"

namespace skald::sagas {
namespace {

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

Taken CheckoutCompanions::take(const saga::State& saga, const Happening& what) {
    // An order that is abandoned can still be cancelled; whatever there is of it is freed then.
    const bool is_call = what.step == "authorise" || what.step == "capture";
    if (by_operator(what.moment) && !is_call) return {};
    if (what.step == "accept") return what.undo ? turn_down(saga) : accept(saga);
    if (what.step == "authorise") return what.undo ? give_up(what) : authorise(what);
    if (what.step == "confirm")
        return tell(order::Confirm{commands::payment_of(kernel::OrderId(saga.subject))});
    if (what.step == "capture") return capture(what, payment.authorised);
    if (what.step == "complete") return finish(order::Complete{});
    if (what.step == "hand_over") return finish(std::nullopt);
    return {};
}

Taken CheckoutCompanions::accept(const saga::State& saga) {
    // It may have been cancelled already: then the pivot will not be reached.
    if (order.status != order::Status::pending && order.status != order::Status::cancelling)
        return unexpected(std::string("not_pending"));
    return tell(
        payment::Initiate{kernel::OrderId(saga.subject), order.total, order.payment_method});
}

Taken CheckoutCompanions::turn_down(const saga::State& saga) {
    // An operator had the cancellation go on before.
    if (order.status == order::Status::cancelled) return {};
    if (order.status != order::Status::cancelling) return tell(order::Reject{reason_of(saga), {}});
    auto taken = tell(order::Cancel{{0, order.total.currency}});
    if (taken) *taken = noted_awaited;
    return taken;
}

// What was to be cancelled behind the pivot is left to the cancellation.
Taken CheckoutCompanions::finish(const std::optional<order::Command>& last) {
    if (order.status == order::Status::cancelling || !order.shipments.empty())
        return std::string(noted_awaited);
    return last ? tell(*last) : Taken();
}

}  // namespace skald::sagas
