#include "commands/payments.h"

#include <algorithm>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "domain/kernel/enum_name.h"

namespace skald::commands {
namespace {

struct Said {
    payment::Refusal refusal;
    const char* detail;
    const char* pointer;
};
constexpr Said said[] = {
    {payment::Refusal::already_initiated, "This payment was begun with another amount or method.",
     ""},
    {payment::Refusal::not_found, "There is no such payment.", ""},
    {payment::Refusal::id_invalid, "An id is 1 to 64 of A-Z a-z 0-9 _ -.", ""},
    {payment::Refusal::method_invalid, "There is no such payment method.", "/method"},
    {payment::Refusal::amount_not_positive, "An amount is at least 1 minor unit.",
     "/amount/amount"},
    {payment::Refusal::currency_differs, "The payment is in another currency. Use that one.",
     "/amount/currency"},
    {payment::Refusal::text_empty, "Say why.", "/reason"},
    {payment::Refusal::text_too_long, "The text is too long. Shorten it.", "/reason"},
    {payment::Refusal::text_invalid,
     "Texts are UTF-8 without control characters. Remove what is not.", "/reason"},
    {payment::Refusal::expires_at_out_of_range, "The time is beyond all calendars.", ""},
    {payment::Refusal::authorisation_differs, "The payment was authorised otherwise.", ""},
    {payment::Refusal::capture_differs, "Another amount was taken, or is being taken.", ""},
    {payment::Refusal::refund_differs, "This refund has another amount or reason.", ""},
    {payment::Refusal::refund_unknown, "The payment has no such refund.", ""},
    {payment::Refusal::refund_ended, "The refund has come to another end.", ""},
    {payment::Refusal::declined, "The payment was declined.", ""},
    {payment::Refusal::already_authorised, "The payment is authorised.", ""},
    {payment::Refusal::not_in_flight, "The provider was not asked for that.", ""},
    {payment::Refusal::reference_differs, "The provider was asked under another reference.", ""},
    {payment::Refusal::not_authorised, "The payment is not authorised, or no longer.", ""},
    {payment::Refusal::in_flight, "The provider has not answered yet. Wait for it.", ""},
    {payment::Refusal::nothing_to_void, "All that was authorised has been taken.", ""},
    {payment::Refusal::more_than_initiated, "The payment is about less.", "/amount/amount"},
    {payment::Refusal::more_than_authorised, "Less than that is authorised and not taken.",
     "/amount/amount"},
    {payment::Refusal::more_than_captured,
     "Less than that was taken and not given back. Ask for what is left.", "/amount/amount"},
};

std::int64_t cost_of_shipped(const order::State& order) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < order.lines.size(); ++i)
        sum += order.lines[i].unit_price.amount * order.progress[i].shipped.value();
    return sum;
}

}  // namespace

eventstore::StreamName payment_stream(const kernel::PaymentId& id) {
    return eventstore::StreamName::of("payment", id.value());
}

kernel::PaymentId payment_of(const kernel::OrderId& order) {
    return kernel::numbered_id<kernel::PaymentId>(order, 1);
}

std::int64_t left_to_refund(const order::State& order, const payment::State& payment) {
    auto left = payment.captured.amount;
    if (payment.authorisation != payment::Authorisation::voided)
        left = std::max(left, std::min(payment.authorised.amount, cost_of_shipped(order)));
    left -= payment.refunded.amount + payment.refunding.amount;
    if (order.rest_cancelled && !payment.refunds.contains(rest_refund))
        left -= order.refund_due->amount;
    for (const auto& [id, returned] : order.returns) {
        if (!payment.refunds.contains(kernel::RefundId(id.value()))) left -= returned.refund.amount;
    }
    return std::max<std::int64_t>(left, 0);
}

eventstore::Command request_refund(const CommandContext& context, const kernel::PaymentId& payment,
                                   kernel::Money amount, std::string reason) {
    auto command = command_of(context);
    const auto& id = payment.value();
    command.streams = {payment_stream(payment),
                       order_stream(kernel::OrderId(id.substr(0, id.find('.'))))};
    command.decide =
        [context, wanted = payment::RequestRefund{
                      kernel::RefundId(eventstore::to_text(context.id.value())), amount,
                      std::move(reason)}](const eventstore::States& states) -> eventstore::Decided {
        const auto& state = states.get<payment::State>(0);
        const auto decision = payment::decide(state, wanted);
        const auto left = left_to_refund(states.get<order::State>(1), state);
        if (decision && !decision->empty() && wanted.amount.amount > left)
            return explain(payment::Refusal::more_than_captured);
        return decided<PaymentBinding>(decision, context,
                                       [](payment::Refusal refusal) { return explain(refusal); });
    };
    return command;
}

eventstore::Refusal explain(payment::Refusal refusal) {
    const auto* found = std::ranges::find(said, refusal, &Said::refusal);
    INVARIANT(found != std::end(said));
    return {"payment_" + std::string(kernel::name_of(refusal)), found->detail, found->pointer};
}

}  // namespace skald::commands
