#include "commands/placing.h"

#include <iterator>

#include "commands/aggregate.h"
#include "commands/bindings.h"

namespace skald::commands {

using eventstore::Refusal;
using eventstore::States;

std::optional<Refusal> fault_of(const account::State& account, const kernel::AccountId& id) {
    if (!account.exists) {
        return Refusal{"unknown_account",
                       "There is no account " + id.value() + ". Register it first.", "/account_id"};
    }
    if (account.erased) {
        return Refusal{"account_erased",
                       "The account " + id.value() + " was erased and cannot order any more.",
                       "/account_id"};
    }
    return std::nullopt;
}

std::optional<Refusal> fault_of(const product::State& product, const kernel::Sku& sku,
                                std::string pointer, const std::string& remedy) {
    if (product.exists && !product.archived) return std::nullopt;
    return Refusal{
        "unknown_product",
        (product.exists ? "The product " + sku.value() + " is archived and no longer sold. "
                        : "There is no product " + sku.value() + ". ") +
            remedy,
        std::move(pointer)};
}

kernel::OrderId placed_by(const CommandContext& context) {
    return kernel::OrderId(eventstore::to_text(context.id.value()));
}

Result<Placement, Refusal> place(const CommandContext& context, const OrderRequest& request,
                                 const States& states, std::size_t products_at,
                                 std::vector<Refusal> against) {
    order::Place wanted{.account = request.account,
                        .lines = {},
                        .payment_method = request.payment_method,
                        .placed_at = context.at};
    wanted.lines.reserve(request.lines.size());
    for (std::size_t i = 0; i < request.lines.size(); ++i) {
        const auto& line = request.lines[i];
        const auto& product = states.get<product::State>(products_at + i);
        if (auto fault = fault_of(product, line.sku, "/lines/" + std::to_string(i) + "/sku",
                                  "Take this line out.")) {
            against.push_back(*std::move(fault));
            continue;
        }
        wanted.lines.push_back({.sku = line.sku,
                                .title = product.title,
                                .department = product.department,
                                .quantity = line.quantity,
                                .unit_price = product.price,
                                .ships = product.ships});
    }
    if (!against.empty()) {  // the first speaks, with the others beside it
        auto first = std::move(against.front());
        first.others.assign(std::next(against.begin()), against.end());
        return unexpected(std::move(first));
    }
    const auto placed = order::decide(states.get<order::State>(0), wanted);
    if (!placed) return unexpected(explain(placed.error()));
    return Placement{.events = encoded<OrderBinding>(*placed, context),
                     .total = std::get<order::Placed>(placed->front()).total};
}

}  // namespace skald::commands
