// The stock of one sku: what lies in the warehouse, what is held for checkouts under way, what
// belongs to confirmed orders. Stream `stock-<sku>`. Pure functions.
//
//   available = on_hand - held - allocated, and is never negative.
//   A hold ends exactly once, allocated or released. The state forgets it then: that a released
//   hold's command never runs again is seen to by its receipt in the log.
#pragma once

#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/quantity.h"

namespace skald::stock {

using kernel::HoldId;
using kernel::OrderId;
using kernel::Quantity;

// Facts. Names and fields are stored for ever; schemas/stock/v1/stock.proto is their wire form.
struct Received {
    Quantity quantity;
    std::optional<std::string> reference;  // the supplier's delivery note, for people
    bool operator==(const Received&) const = default;
};
struct Adjusted {
    Quantity delta;  // never 0
    std::string reason;
    bool operator==(const Adjusted&) const = default;
};
struct Reserved {
    HoldId hold;
    Quantity quantity;
    bool operator==(const Reserved&) const = default;
};
struct Released {
    HoldId hold;
    Quantity quantity;  // all that the hold held
    std::string reason;
    bool operator==(const Released&) const = default;
};
struct Allocated {
    HoldId hold;
    OrderId order;
    Quantity quantity;  // all that the hold held
    bool operator==(const Allocated&) const = default;
};
struct Unallocated {  // goods of an order that was cancelled are available again
    OrderId order;
    Quantity quantity;
    bool operator==(const Unallocated&) const = default;
};
struct Shipped {
    OrderId order;
    Quantity quantity;
    bool operator==(const Shipped&) const = default;
};
struct Returned {  // shipped goods came back and can be sold again
    OrderId order;
    Quantity quantity;
    bool operator==(const Returned&) const = default;
};
using Event =
    std::variant<Received, Adjusted, Reserved, Released, Allocated, Unallocated, Shipped, Returned>;

struct Receive {
    Quantity quantity;
    std::optional<std::string> reference;
};
struct Adjust {  // after counting, breakage, theft
    Quantity delta;
    std::string reason;
};
struct Reserve {
    HoldId hold;
    Quantity quantity;
};
struct Release {
    HoldId hold;
    std::string reason;
};
struct Allocate {  // turns the whole hold into the order's goods; quantity must be the hold's
    HoldId hold;
    OrderId order;
    Quantity quantity;
};
struct Unallocate {  // at most what is allocated to the order; what has shipped comes back by
                     // Return
    OrderId order;
    Quantity quantity;
};
// What an order that comes to nothing has here is available again: its hold, or what is allocated
// to it, of that at most `quantity`. Nothing of it is fine.
struct Free {
    HoldId hold;
    OrderId order;
    Quantity quantity;
    std::string reason;
};
struct Ship {  // at most what is allocated to the order
    OrderId order;
    Quantity quantity;
};
struct Return {  // at most what is out with customers; which order owns how much is the shipment's
                 // matter
    OrderId order;
    Quantity quantity;
};
// A Return of what needs no carrying. Checkouts by version 1 never took that out of stock: then it
// is unallocated.
struct TakeBack {
    OrderId order;
    Quantity quantity;
};
using Command = std::variant<Receive, Adjust, Reserve, Release, Allocate, Unallocate, Free, Ship,
                             Return, TakeBack>;

// Checked in this order, the command itself first. not_found: nothing was ever received for this
// sku.
BOOST_DEFINE_ENUM_CLASS(Refusal, quantity_not_positive, delta_zero, too_much, reason_empty,
                        text_too_long, text_invalid, id_invalid, not_found, hold_differs,
                        hold_not_held, quantity_not_the_holds, not_enough_stock,
                        more_than_allocated, more_than_shipped)

// Bound of every count here and of every single quantity, so that no sum of them can leave int64.
inline constexpr Quantity quantity_max = 1'000'000'000'000;

struct State {
    bool exists = false;
    Quantity on_hand;
    Quantity held;       // sum of holds
    Quantity allocated;  // sum of allocations
    Quantity out;        // shipped and not returned
    std::map<HoldId, Quantity> holds;
    std::map<OrderId, Quantity> allocations;

    Quantity available() const { return on_hand - held - allocated; }
    bool operator==(const State&) const = default;
};

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::stock
