// Sending an order's goods: a shipment is created and the order says so, in one atomic group. What
// follows from it (money taken, stock gone) is the fulfilment's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/context.h"
#include "domain/shipment/shipment.h"

namespace skald::commands {

struct ShipmentRequest {
    // Absent: all that is left of the order and ships.
    std::optional<std::vector<kernel::Portion>> lines = std::nullopt;
    std::optional<std::string> tracking = std::nullopt;
};

// The order's next shipment, `<order id>.<n>`: n is given when the command is decided, so two at
// once get two numbers, and the second one what the first has left. The answer's stream is the
// shipment's; `context.if_match` is the version the order must have. The reply comes on the
// executor's thread, once; `executor` must outlive it.
// Refused: order_not_found, order_status_forbids (not confirmed, or all is shipped),
// order_nothing_to_ship, payment_expired (its money is not promised any more), and what
// order::decide and shipment::decide refuse.
void create_shipment(eventstore::Executor& executor, const CommandContext& context,
                     const kernel::OrderId& order, ShipmentRequest request,
                     eventstore::Reply reply);

eventstore::Refusal explain(shipment::Refusal refusal);

}  // namespace skald::commands
