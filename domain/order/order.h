// A customer's order: what was bought at which price, frozen when it was placed, and what became of
// it. Stream `order-<id>`. Pure functions.
//
// Order, payment and fulfilment are separate axes; the status here is the order's own:
//
//   pending -> confirmed | rejected | cancelling
//   confirmed -> shipped | cancelling (until the first shipment) | completed (nothing to ship)
//   shipped -> completed
// Behind a shipment the rest can be cancelled, all of it and at once: then nothing is left to ship,
// and the order is shipped.
//   cancelling -> cancelled, or back to where it came from
//
// Units of a line: quantity = allocated + cancelled + shipped, after any event. What does not ship
// is the customer's with the first shipment, which is when it is paid for, or with the completion.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/portion.h"
#include "domain/kernel/quantity.h"
#include "domain/kernel/time.h"

namespace skald::order {

using kernel::AccountId;
using kernel::Money;
using kernel::PaymentId;
using kernel::Portion;
using kernel::Quantity;
using kernel::ReturnId;
using kernel::ShipmentId;
using kernel::Sku;
using kernel::time_max;
using kernel::time_min;
using kernel::Timestamp;

// Facts. Names and fields are stored for ever; schemas/order/v1/order.proto is their wire form.
struct Line {
    Sku sku;
    std::string title;
    std::optional<std::string> department;
    Quantity quantity;
    Money unit_price;
    Money total;        // quantity x unit_price
    bool ships = true;  // or there is nothing to carry: a download, a service
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
struct Confirmed {  // the pivot: stock is held and money is promised for all of it
    PaymentId payment_id;
    bool operator==(const Confirmed&) const = default;
};
struct Rejected {
    std::string reason;
    std::optional<Sku> sku;  // of the line that it is about
    bool operator==(const Rejected&) const = default;
};
struct CancelRequested {
    std::string reason;
    Timestamp requested_at;
    bool operator==(const CancelRequested&) const = default;
};
struct CancelRefused {  // it is what it was before the request
    std::string reason;
    bool operator==(const CancelRefused&) const = default;
};
struct Cancelled {
    Money refund_due;  // 0 if no money was taken
    bool operator==(const Cancelled&) const = default;
};
struct Shipped {  // all that was left to ship, or a part of it
    ShipmentId shipment_id;
    std::vector<Portion> lines;
    bool operator==(const Shipped&) const = default;
};
struct RestCancelled {  // behind a shipment: of each line what has not shipped
    std::string reason;
    Timestamp requested_at;
    std::vector<Portion> lines;  // those of which anything was left
    Money total;                 // what they cost: not owed any more
    Money refund_due;            // of what was taken for them already; mostly 0
    std::int32_t shipments = 0;  // so many were before it, and none comes behind it
    bool operator==(const RestCancelled&) const = default;
};
struct ReturnRecorded {
    ReturnId return_id;
    std::vector<Portion> lines;
    Money refund;                                      // may be 0
    std::optional<std::string> reason = std::nullopt;  // as the customer put it
    bool operator==(const ReturnRecorded&) const = default;
};
struct Completed {
    bool operator==(const Completed&) const = default;
};
using Event = std::variant<Placed, Confirmed, Rejected, CancelRequested, CancelRefused, Cancelled,
                           Shipped, RestCancelled, ReturnRecorded, Completed>;

struct LineRequest {  // title, department, price and ships as the product has them now
    Sku sku;
    std::string title;
    std::optional<std::string> department;
    Quantity quantity;
    Money unit_price;
    bool ships = true;
};
struct Place {
    AccountId account;
    std::vector<LineRequest> lines;
    std::string payment_method;
    Timestamp placed_at;
};
struct Confirm {
    PaymentId payment_id;
};
struct Reject {
    std::string reason;
    std::optional<Sku> sku;
};
struct RequestCancel {
    std::string reason;
    Timestamp requested_at;
};
struct RefuseCancel {
    std::string reason;
};
struct Cancel {
    Money refund_due;
};
struct RecordShipment {
    ShipmentId shipment_id;
    std::vector<Portion> lines;
};
struct CancelRest {
    std::string reason;
    Timestamp requested_at;
    Money refund_due;
};
struct RecordReturn {
    ReturnId return_id;
    std::vector<Portion> lines;
    Money refund;
    std::optional<std::string> reason = std::nullopt;
};
struct Complete {};
using Command = std::variant<Place, Confirm, Reject, RequestCancel, RefuseCancel, Cancel,
                             RecordShipment, CancelRest, RecordReturn, Complete>;

// Checked in this order; all checks of one line before the next line's. What is in the stream
// already is done, not refused: *_differs is said where the same id or step has another content.
// status_forbids: not among the arrows above.
BOOST_DEFINE_ENUM_CLASS(RefusalCode, already_placed, not_found, account_invalid,
                        payment_method_invalid, placed_at_out_of_range, id_invalid, reason_empty,
                        reason_too_long, reason_invalid, requested_at_out_of_range, refund_negative,
                        refund_currency_differs, payment_differs, refund_differs, shipment_differs,
                        return_differs, cancel_too_late, status_forbids, not_all_shipped, no_lines,
                        too_many_lines, sku_invalid, text_invalid, quantity_out_of_range,
                        price_not_positive, sku_unknown, does_not_ship, duplicate_sku,
                        more_than_allocated, more_than_shipped, mixed_currencies, total_overflow,
                        too_large, refund_too_much)

struct Refusal {
    RefusalCode code{};
    // Index, in the command's lines, of the one that it is about.
    std::optional<std::size_t> line = std::nullopt;
    bool operator==(const Refusal&) const = default;
};

inline constexpr std::size_t lines_max = kernel::portions_max;
inline constexpr Quantity quantity_max = kernel::portion_quantity_max;
// An event holds at most 256 KiB, and a stored line takes at most 64 bytes beside its texts.
inline constexpr std::size_t lines_bytes_max = 250'000;
inline constexpr std::size_t line_bytes_beside_texts = 64;
// Minor units. What is added up over all orders, as reports do, stays within 64 bits for 900 000 of
// the largest.
inline constexpr std::int64_t total_max = 10'000'000'000'000;

BOOST_DEFINE_ENUM_CLASS(Status, pending, confirmed, rejected, shipped, completed, cancelling,
                        cancelled)

// Where the units of a line are.
struct Progress {
    Quantity allocated;  // neither cancelled nor shipped; before the confirmation, held
    Quantity cancelled;  // or rejected
    Quantity shipped;    // or the customer's without being carried
    Quantity returned;   // of those shipped
    bool operator==(const Progress&) const = default;
};

struct Return {
    std::vector<Portion> lines;
    Money refund;
    std::optional<std::string> reason = std::nullopt;
    bool operator==(const Return&) const = default;
};

struct State {
    bool exists = false;
    Status status = Status::pending;
    AccountId account;
    std::vector<Line> lines;
    Money total;
    std::string payment_method;
    Timestamp placed_at;
    std::vector<Progress> progress = {};              // of each line
    std::optional<PaymentId> payment = std::nullopt;  // since it was confirmed
    bool cancel_refused = false;                      // the last request
    std::optional<Money> refund_due = std::nullopt;   // since it, or the rest of it, was cancelled
    bool rest_cancelled = false;
    std::map<ShipmentId, std::vector<Portion>> shipments = {};
    std::map<ReturnId, Return> returns = {};
    Money refunded = {};  // for returns
    bool operator==(const State&) const = default;
};

// Whether some unit that ships has not been shipped or cancelled.
bool has_unshipped(const State& state);
// What is, or will be, the customer's, and what it costs: all that is not cancelled.
Money owed(const State& state);
// Of each line that ships what is left, if anything is.
std::vector<Portion> unshipped(const State& state);
// Of portions that are no more than their lines.
Money cost(const State& state, const std::vector<Portion>& portions);
// The index of the sku's line, if it has one.
std::optional<std::size_t> find_line(const State& state, const Sku& sku);

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::order
