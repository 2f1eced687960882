// What becomes of an order's request once it is known whose it is and what it costs: shared by all
// use cases that place one. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/orders.h"
#include "domain/account/account.h"
#include "domain/kernel/result.h"
#include "domain/product/product.h"

namespace skald::commands {

// Why the account cannot order: unknown_account or account_erased, at /account_id.
std::optional<eventstore::Refusal> fault_of(const account::State& account,
                                            const kernel::AccountId& id);
// Why nobody can order the product: unknown_product. `remedy` is a sentence.
std::optional<eventstore::Refusal> fault_of(const product::State& product, const kernel::Sku& sku,
                                            std::string pointer, const std::string& remedy);

// The id of the order that this command places.
kernel::OrderId placed_by(const CommandContext& context);

// What is appended to the order's stream, and what the order comes to.
struct Placement {
    std::vector<eventstore::NewEvent> events;
    kernel::Money total;
};
// The order's stream is the command's own (its first); `products_at`: where the products' begin,
// one for each line. `against`: what stands against the order already, such as its account; it is
// told together with all lines that nobody can order. Refused as place_order() is.
Result<Placement, eventstore::Refusal> place(const CommandContext& context,
                                             const OrderRequest& request,
                                             const eventstore::States& states,
                                             std::size_t products_at,
                                             std::vector<eventstore::Refusal> against);

}  // namespace skald::commands
