// A customer's order: what was bought at which price, frozen when it was placed. Stream
// `order-<id>`. Pure functions.
//
// Order, payment and fulfilment are separate axes; the status here is the order's own.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/quantity.h"
#include "domain/kernel/time.h"

namespace skald::order {

using kernel::AccountId;
using kernel::Money;
using kernel::Quantity;
using kernel::Sku;
using kernel::Timestamp;

// Facts. Names and fields are stored for ever; schemas/order/v1/order.proto is their wire form.
struct Line {
    Sku sku;
    std::string title;
    std::optional<std::string> department;
    Quantity quantity;
    Money unit_price;
    Money total;  // quantity x unit_price
    bool operator==(const Line&) const = default;
};
struct Placed {
    AccountId account;
    std::vector<Line> lines;  // each sku once, one currency
    Money total;              // of all lines
    std::string payment_method;
    Timestamp placed_at;
    bool operator==(const Placed&) const = default;
};
using Event = std::variant<Placed>;

struct LineRequest {  // title, department and price as the product has them now
    Sku sku;
    std::string title;
    std::optional<std::string> department;
    Quantity quantity;
    Money unit_price;
};
struct Place {
    AccountId account;
    std::vector<LineRequest> lines;
    std::string payment_method;
    Timestamp placed_at;
};
using Command = std::variant<Place>;

// Checked in this order; all checks of one line before the next line's.
BOOST_DEFINE_ENUM_CLASS(RefusalCode, already_placed, account_invalid, payment_method_invalid,
                        placed_at_out_of_range, no_lines, too_many_lines, sku_invalid, text_invalid,
                        quantity_out_of_range, price_not_positive, duplicate_sku, mixed_currencies,
                        total_overflow, too_large)

struct Refusal {
    RefusalCode code{};
    std::optional<std::size_t> line = std::nullopt;  // index of the line that it is about
    bool operator==(const Refusal&) const = default;
};

inline constexpr std::size_t lines_max = 1000;
inline constexpr Quantity quantity_max = 100'000;
// An event holds at most 256 KiB, and a stored line takes at most 64 bytes beside its texts.
inline constexpr std::size_t lines_bytes_max = 250'000;
inline constexpr std::size_t line_bytes_beside_texts = 64;
// Minor units. What is added up over all orders, as reports do, stays within 64 bits for 900 000 of
// the largest.
inline constexpr std::int64_t total_max = 10'000'000'000'000;
// The years 0001 to 9999, which is what RFC 3339 and Protobuf's Timestamp can say.
inline constexpr Timestamp time_min{-62'135'596'800'000'000};
inline constexpr Timestamp time_max{253'402'300'799'999'999};

BOOST_DEFINE_ENUM_CLASS(Status, pending, confirmed, rejected, shipped, completed, cancelling,
                        cancelled)

struct State {
    bool exists = false;
    Status status = Status::pending;
    AccountId account;
    std::vector<Line> lines;
    Money total;
    std::string payment_method;
    Timestamp placed_at;
    bool operator==(const State&) const = default;
};

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::order
