// Filling a cart, and making an order of it. Goods may be put in while they are sold; what they
// cost is looked up when the cart is checked out.
#pragma once

#include <optional>
#include <string>

#include "commands/context.h"
#include "domain/cart/cart.h"
#include "domain/kernel/money.h"

namespace skald::commands {

eventstore::StreamName cart_stream(const kernel::CartId& id);

// The cart's id is the command's id. Refused: unknown_account, account_erased (at /account_id).
eventstore::Command create_cart(const CommandContext& context,
                                std::optional<kernel::AccountId> account);
// So many of it from now on. Refused: cart_not_found, cart_checked_out, cart_too_many_items,
// unknown_product (at /path/sku; also when it is archived), and what cart::decide refuses.
eventstore::Command set_cart_item(const CommandContext& context, const kernel::CartId& cart,
                                  const kernel::Sku& sku, kernel::Quantity quantity);
// Nothing to do when there is none of it. Refused: cart_not_found, cart_checked_out.
eventstore::Command remove_cart_item(const CommandContext& context, const kernel::CartId& cart,
                                     const kernel::Sku& sku);

struct CheckoutRequest {
    std::optional<kernel::AccountId> account;  // of a cart that has none
    std::string payment_method;
    std::optional<kernel::Money> total = std::nullopt;  // what the order must come to
};

// The cart becomes an order at the prices of now: both are appended together or not at all. The
// order's id is the command's id, and the answer's stream is the order's; `context.if_match` is the
// version the cart must have. The reply comes on the executor's thread, once; `executor` must
// outlive it.
// Refused: cart_not_found, cart_checked_out; cart_empty, cart_account_missing and
// cart_account_differs (at /account_id), and what place_order() refuses, at the lines of the cart
// in the order of their skus; cart_total_differs (at /total).
void check_out_cart(eventstore::Executor& executor, const CommandContext& context,
                    const kernel::CartId& cart, CheckoutRequest request, eventstore::Reply reply);

eventstore::Refusal explain(cart::Refusal refusal, const cart::State& cart);

}  // namespace skald::commands
