// What can be done with products. Each function makes a command for the executor; nothing runs
// until it is submitted.
#pragma once

#include "commands/context.h"
#include "domain/product/product.h"

namespace skald::commands {

eventstore::StreamName product_stream(const kernel::Sku& sku);

// Refused: product_already_exists.
eventstore::Command create_product(const CommandContext& context, product::Create create);
// All of the change or none of it. Refused: product_not_found, product_archived,
// product_currency_mismatch.
eventstore::Command change_product(const CommandContext& context, const kernel::Sku& sku,
                                   product::Change change);
// Nothing to do when it is archived already. Refused: product_not_found.
eventstore::Command archive_product(const CommandContext& context, const kernel::Sku& sku);

// The refusal as the caller gets it.
eventstore::Refusal explain(product::Refusal refusal, const kernel::Sku& sku);

}  // namespace skald::commands
