// One parcel of an order, or all of it at once: on its way to the customer. Stream
// `shipment-<order id>.<n>`. Pure functions.
//
//   created -> shipped -> delivered, or failed instead of either.
#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/portion.h"
#include "domain/kernel/time.h"

namespace skald::shipment {

using kernel::OrderId;
using kernel::Portion;
using kernel::Timestamp;

// Facts. Names and fields are stored for ever; schemas/shipment/v1/shipment.proto is their wire
// form.
struct Created {
    OrderId order;
    std::vector<Portion> lines;                          // each sku once
    std::optional<std::string> tracking = std::nullopt;  // if the carrier named it beforehand
    bool operator==(const Created&) const = default;
};
struct Shipped {  // it left the house
    std::string tracking;
    Timestamp shipped_at;
    bool operator==(const Shipped&) const = default;
};
struct Delivered {
    bool operator==(const Delivered&) const = default;
};
struct Failed {  // it was never sent, or never arrived
    std::string reason;
    bool operator==(const Failed&) const = default;
};
using Event = std::variant<Created, Shipped, Delivered, Failed>;

struct Create {
    OrderId order;
    std::vector<Portion> lines;
    std::optional<std::string> tracking = std::nullopt;
};
struct Ship {
    std::string tracking;
    Timestamp shipped_at;
};
struct Deliver {};
struct Fail {
    std::string reason;
};
using Command = std::variant<Create, Ship, Deliver, Fail>;

// Checked in this order; all checks of one line before the next line's. What is in the stream
// already is done, not refused. status_forbids: not among the arrows above.
BOOST_DEFINE_ENUM_CLASS(Refusal, already_created, not_found, order_invalid, tracking_empty,
                        tracking_too_long, tracking_invalid, shipped_at_out_of_range, reason_empty,
                        reason_too_long, reason_invalid, already_shipped, status_forbids, no_lines,
                        too_many_lines, sku_invalid, quantity_out_of_range, duplicate_sku)

BOOST_DEFINE_ENUM_CLASS(Status, created, shipped, delivered, failed)

struct State {
    bool exists = false;
    Status status = Status::created;
    Created contents;
    std::optional<Shipped> dispatch;  // since it left the house
    bool operator==(const State&) const = default;
};

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::shipment
