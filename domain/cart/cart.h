// A customer's cart: what may be ordered one day, at the prices of that day. Stream `cart-<id>`.
// Pure functions.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <variant>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/portion.h"

namespace skald::cart {

using kernel::AccountId;
using kernel::OrderId;
using kernel::Quantity;
using kernel::Sku;

// Facts. Names and fields are stored for ever; schemas/cart/v1/cart.proto is their wire form.
struct Created {
    std::optional<AccountId> account;  // none: somebody who has not told who it is
    bool operator==(const Created&) const = default;
};
struct ItemSet {  // so many of it from now on, however many there were
    Sku sku;
    Quantity quantity;
    bool operator==(const ItemSet&) const = default;
};
struct ItemRemoved {
    Sku sku;
    bool operator==(const ItemRemoved&) const = default;
};
struct CheckedOut {  // the end: it became this order
    OrderId order_id;
    bool operator==(const CheckedOut&) const = default;
};
using Event = std::variant<Created, ItemSet, ItemRemoved, CheckedOut>;

struct Create {
    std::optional<AccountId> account;
};
struct SetItem {
    Sku sku;
    Quantity quantity;
};
struct RemoveItem {
    Sku sku;
};
struct CheckOut {
    OrderId order_id;
};
using Command = std::variant<Create, SetItem, RemoveItem, CheckOut>;

// Checked in this order. checked_out: nothing happens to it any more.
BOOST_DEFINE_ENUM_CLASS(Refusal, already_exists, not_found, account_invalid, sku_invalid,
                        quantity_out_of_range, order_invalid, checked_out, too_many_items, empty)

inline constexpr std::size_t items_max = kernel::portions_max;
inline constexpr Quantity quantity_max = kernel::portion_quantity_max;

struct State {
    bool exists = false;
    std::optional<AccountId> account;
    std::map<Sku, Quantity> items;
    std::optional<OrderId> order;  // since it was checked out
    bool operator==(const State&) const = default;
};

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::cart
