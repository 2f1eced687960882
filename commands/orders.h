// Placing orders, and what is asked of them later. To place one, the order's stream is written;
// account and products are only read, but at stated versions, so that the price an order froze was
// the product's price when the order was appended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/context.h"
#include "domain/order/order.h"

namespace skald::commands {

eventstore::StreamName order_stream(const kernel::OrderId& id);
eventstore::StreamName shipment_stream(const kernel::ShipmentId& id);

struct OrderRequest {
    struct Line {
        kernel::Sku sku;
        kernel::Quantity quantity;
    };
    kernel::AccountId account;
    std::vector<Line> lines;  // each sku once, all of them ids
    std::string payment_method;
};

// The order's id is the command's id. Refused: unknown_account, account_erased (at /account_id),
// unknown_product (at /lines/i/sku; also when it is archived), and what order::decide refuses.
eventstore::Command place_order(const CommandContext& context, OrderRequest request);

// Behind a shipment only what has not shipped is cancelled, at once; of what was taken for it
// already, which is mostly nothing, it says what is to be given back. Nothing to do when it is
// being cancelled, or is, or the rest of it. Refused: order_not_found, order_cancel_too_late (all
// of it has shipped), order_status_forbids (it was rejected).
eventstore::Command request_cancellation(const CommandContext& context,
                                         const kernel::OrderId& order, std::string reason);

// Shipped goods came back: what they cost is to be given back too, as far as it has not been; also
// what does not ship, once it is the customer's. The return's id is the command's id. Refused:
// order_not_found, order_status_forbids (nothing has shipped), order_more_than_shipped (less what
// came back before) and order_sku_unknown at the line, and what order::decide refuses.
eventstore::Command record_return(const CommandContext& context, const kernel::OrderId& order,
                                  std::vector<kernel::Portion> lines,
                                  std::optional<std::string> reason);

eventstore::Refusal explain(const order::Refusal& refusal);

}  // namespace skald::commands
