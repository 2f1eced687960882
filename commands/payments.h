// What people can do with payments: ask that money be given back. What the provider makes of it is
// the refund's, later.
#pragma once

#include <string>

#include "commands/context.h"
#include "domain/order/order.h"
#include "domain/payment/payment.h"

namespace skald::commands {

eventstore::StreamName payment_stream(const kernel::PaymentId& id);

// The first payment of an order.
kernel::PaymentId payment_of(const kernel::OrderId& order);

// Under which what was taken for the cancelled rest of an order is given back.
inline const kernel::RefundId rest_refund{"cancellation-rest"};

// What of an order's money may still be given back: without what is given back already, asked for,
// or owed for goods that came back or never went. Of what has shipped and was promised, for its
// money may yet be taken; once the promise is given up, of what was taken.
std::int64_t left_to_refund(const order::State& order, const payment::State& payment);

// The refund's id is the command's id, so that a retried request finds itself.
// Refused: payment_not_found, payment_currency_differs, payment_more_than_captured (less what is
// given back already, or about to be), and what payment::decide refuses.
eventstore::Command request_refund(const CommandContext& context, const kernel::PaymentId& payment,
                                   kernel::Money amount, std::string reason);

eventstore::Refusal explain(payment::Refusal refusal);

}  // namespace skald::commands
