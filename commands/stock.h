// What people can do with stock: receive goods and correct counts. Each function makes a command
// for the executor.
#pragma once

#include "commands/context.h"
#include "domain/stock/stock.h"

namespace skald::commands {

eventstore::StreamName stock_stream(const kernel::Sku& sku);

// Both read the product beside the stock, so that nothing is ever counted under a mistyped sku. An
// archived product's goods can still come in and be counted.
// Refused: product_not_found, stock_too_much.
eventstore::Command receive_stock(const CommandContext& context, const kernel::Sku& sku,
                                  stock::Receive receive);
// Refused: product_not_found, stock_never_received, stock_not_enough, stock_too_much.
eventstore::Command adjust_stock(const CommandContext& context, const kernel::Sku& sku,
                                 stock::Adjust adjust);

eventstore::Refusal explain(stock::Refusal refusal, const kernel::Sku& sku);

}  // namespace skald::commands
