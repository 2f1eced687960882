// Placing orders. The order's stream is written; account and products are only read, but at stated
// versions, so that the price an order froze was the product's price when the order was appended.
#pragma once

#include <string>
#include <vector>

#include "commands/context.h"
#include "domain/order/order.h"

namespace skald::commands {

eventstore::StreamName order_stream(const kernel::OrderId& id);

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

eventstore::Refusal explain(const order::Refusal& refusal);

}  // namespace skald::commands
