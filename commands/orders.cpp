#include "commands/orders.h"

#include <algorithm>

#include "commands/accounts.h"
#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/payments.h"
#include "commands/placing.h"
#include "commands/products.h"
#include "domain/kernel/enum_name.h"
#include "domain/kernel/text.h"

namespace skald::commands {

using eventstore::States;

eventstore::StreamName order_stream(const kernel::OrderId& id) {
    return eventstore::StreamName::of("order", id.value());
}

eventstore::StreamName shipment_stream(const kernel::ShipmentId& id) {
    return eventstore::StreamName::of("shipment", id.value());
}

eventstore::Command place_order(const CommandContext& context, OrderRequest request) {
    auto command = command_of(context);
    command.streams = {order_stream(placed_by(context)), account_stream(request.account)};
    for (const auto& line : request.lines) command.streams.push_back(product_stream(line.sku));
    command.decide = [context,
                      request = std::move(request)](const States& states) -> eventstore::Decided {
        std::vector<eventstore::Refusal> against;
        if (auto fault = fault_of(states.get<account::State>(1), request.account))
            against.push_back(*std::move(fault));
        auto placed = place(context, request, states, 2, std::move(against));
        if (!placed) return std::move(placed.error());
        return eventstore::Accepted{.events = {std::move(placed->events)}};
    };
    return command;
}

namespace {

// A command on the order that goes by its payment too; `wanted` makes of both what the order is to
// decide.
template <class Wanted>
eventstore::Command command_on(const CommandContext& context, const kernel::OrderId& order,
                               Wanted wanted) {
    auto command = command_of(context);
    command.streams = {order_stream(order), payment_stream(payment_of(order))};
    command.decide = [context, wanted = std::move(wanted)](const States& states) {
        const auto& state = states.get<order::State>(0);
        return decided<OrderBinding>(
            order::decide(state, wanted(state, states.get<payment::State>(1))), context,
            [](const order::Refusal& refusal) { return explain(refusal); });
    };
    return command;
}

// What was paid for the units. Of a portion that is more than its line only the line: the order
// refuses it, whatever it costs.
kernel::Money cost_of(const order::State& order, const std::vector<kernel::Portion>& portions) {
    kernel::Money cost{0, order.total.currency};
    for (const auto& [sku, quantity] : portions) {
        const auto line = order::find_line(order, sku);
        if (!line || quantity < 1) continue;
        const auto& bought = order.lines[*line];
        const auto units = std::min(quantity, bought.quantity).value();
        if (const auto sum = add(cost, multiply(bought.unit_price, units).value())) cost = *sum;
    }
    return cost;
}

// Of what was taken already what is neither owed then nor given back. A shipment's money is taken
// as it ships, so there is any only where more was taken than was asked for.
kernel::Money taken_for_rest(const order::State& order, const payment::State& payment) {
    const auto rest = cost(order, unshipped(order));
    const auto beyond = payment.captured.amount - (owed(order).amount - rest.amount);
    const auto due = std::min({beyond, rest.amount, left_to_refund(order, payment)});
    return {std::max<std::int64_t>(due, 0), order.total.currency};
}

}  // namespace

eventstore::Command request_cancellation(const CommandContext& context,
                                         const kernel::OrderId& order, std::string reason) {
    return command_on(
        context, order,
        [at = context.at, reason = std::move(reason)](
            const order::State& state, const payment::State& payment) -> order::Command {
            if (state.shipments.empty()) return order::RequestCancel{reason, at};
            return order::CancelRest{reason, at, taken_for_rest(state, payment)};
        });
}

eventstore::Command record_return(const CommandContext& context, const kernel::OrderId& order,
                                  std::vector<kernel::Portion> lines,
                                  std::optional<std::string> reason) {
    const order::RecordReturn wanted{kernel::ReturnId(eventstore::to_text(context.id.value())),
                                     std::move(lines),
                                     {},
                                     std::move(reason)};
    return command_on(
        context, order, [wanted](const order::State& state, const payment::State& payment) {
            auto filled = wanted;
            filled.refund = cost_of(state, wanted.lines);
            if (payment.exists)  // what was given back otherwise is not given back twice
                filled.refund.amount =
                    std::min(filled.refund.amount, left_to_refund(state, payment));
            return filled;
        });
}

namespace {

// Of an order that is placed already: what is said, and about which field.
struct Later {
    order::RefusalCode code;
    const char* detail;
    const char* field;  // of the line, if it begins with a blank
};
constexpr Later later[] = {
    {order::RefusalCode::not_found, "There is no such order.", ""},
    {order::RefusalCode::id_invalid, "An id is 1 to 64 of A-Z a-z 0-9 _ -.", ""},
    {order::RefusalCode::reason_empty, "Say why.", "/reason"},
    {order::RefusalCode::reason_too_long, "The reason is too long. Shorten it.", "/reason"},
    {order::RefusalCode::reason_invalid, "The reason holds what is no text.", "/reason"},
    {order::RefusalCode::requested_at_out_of_range, "The request's time is beyond all calendars.",
     ""},
    {order::RefusalCode::refund_negative, "A refund is not below nothing.", "/refund"},
    {order::RefusalCode::refund_currency_differs, "The order was paid in another currency.",
     "/refund"},
    {order::RefusalCode::payment_differs, "The order was confirmed with another payment.", ""},
    {order::RefusalCode::refund_differs, "The order was cancelled with another refund.", ""},
    {order::RefusalCode::shipment_differs, "This shipment was recorded with other goods.", ""},
    {order::RefusalCode::return_differs, "This return was recorded with other goods.", ""},
    {order::RefusalCode::cancel_too_late,
     "The order is too far on to be cancelled. Send the goods back instead.", ""},
    {order::RefusalCode::status_forbids, "The order is in a state that does not allow it.", ""},
    {order::RefusalCode::not_all_shipped, "Some of the goods have not been shipped yet.", ""},
    {order::RefusalCode::sku_unknown, "The order has no line of this sku.", " /sku"},
    {order::RefusalCode::does_not_ship, "There is nothing to carry of this sku.", " /sku"},
    {order::RefusalCode::more_than_allocated, "So many are not left to be shipped.", " /quantity"},
    {order::RefusalCode::more_than_shipped, "So many were not shipped.", " /quantity"},
    {order::RefusalCode::refund_too_much, "More than was paid cannot be given back.", "/refund"},
};

eventstore::Refusal explain_later(order::RefusalCode code, const std::string& line) {
    const auto* found = std::ranges::find(later, code, &Later::code);
    INVARIANT(found != std::end(later));
    const std::string field(found->field);
    return {"order_" + std::string(kernel::name_of(code)), found->detail,
            field.starts_with(' ') ? line + field.substr(1) : field};
}

}  // namespace

eventstore::Refusal explain(const order::Refusal& refusal) {
    using order::RefusalCode;
    const auto at = [&](const char* field) {
        return refusal.line ? "/lines/" + std::to_string(*refusal.line) + field : std::string();
    };
    switch (refusal.code) {
        case RefusalCode::already_placed:
            return {"order_already_placed", "This order is placed already.", ""};
        case RefusalCode::account_invalid:
            return {"order_account_invalid", "An account's id is 1 to 64 of A-Z a-z 0-9 _ -.",
                    "/account_id"};
        case RefusalCode::payment_method_invalid:
            return {"order_payment_method_invalid", "There is no such payment method.",
                    "/payment/method"};
        case RefusalCode::placed_at_out_of_range:
            return {"order_placed_at_out_of_range",
                    "The server's clock is beyond the year 9999. An operator has to set it.", ""};
        case RefusalCode::no_lines:
            return {"order_no_lines", "An order has at least one line.", "/lines"};
        case RefusalCode::too_many_lines:
            return {"order_too_many_lines",
                    "An order has at most " + std::to_string(order::lines_max) +
                        " lines. Split it into several orders.",
                    "/lines"};
        case RefusalCode::sku_invalid:
            return {"order_sku_invalid", "A sku is 1 to 64 of A-Z a-z 0-9 _ -.", at("/sku")};
        case RefusalCode::text_invalid:
            return {"order_text_invalid",
                    "The product's title or department is no text an order can keep. Change the "
                    "product.",
                    at("/sku")};
        case RefusalCode::quantity_out_of_range:
            return {"order_quantity_out_of_range",
                    "A quantity is 1 to " + std::to_string(order::quantity_max.value()) + ".",
                    at("/quantity")};
        case RefusalCode::price_not_positive:
            return {"order_price_not_positive", "The product has no price. Set one.", at("/sku")};
        case RefusalCode::duplicate_sku:
            return {"order_duplicate_sku", "Each sku has one line. Add the quantities up.",
                    at("/sku")};
        case RefusalCode::mixed_currencies:
            return {"order_mixed_currencies",
                    "The products of one order are sold in one currency. Split it into an order "
                    "per currency.",
                    at("/sku")};
        case RefusalCode::total_overflow:
            return {"order_total_overflow",
                    "An order's total is at most " + std::to_string(order::total_max) +
                        " minor units. Split it into several orders.",
                    at("/quantity")};
        case RefusalCode::too_large:
            return {"order_too_large",
                    "The titles of so many lines are more than an order can record. Split it into "
                    "several orders.",
                    at("")};
        default:
            return explain_later(refusal.code, at(""));
    }
}

}  // namespace skald::commands
