// Reads orders: one with its lines and what happened to it, or lists by account, status and time.
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"
#include "projections/reading/snapshot.h"

namespace skald::projections::orders {

struct Line {
    kernel::Sku sku;
    std::string title;
    std::optional<std::string> department;
    std::int64_t quantity = 0;
    kernel::Money unit_price;
    kernel::Money total;
    bool ships = true;
    std::int64_t shipped = 0;
    std::int64_t returned = 0;   // of those shipped
    std::int64_t cancelled = 0;  // or rejected
    friend bool operator==(const Line&, const Line&) = default;
};

// Something that happened to the order: the type of the event that says so, such as order.placed.
// `detail` is the reason, or the id of the payment, shipment or return that it is about.
struct Happening {
    std::string type;
    kernel::Timestamp at;
    std::optional<std::string> detail;
    friend bool operator==(const Happening&, const Happening&) = default;
};

// Units of some lines that left the house, or came back, at once. The id is a shipment's or
// return's.
struct Parcel {
    std::string id;
    kernel::Timestamp at;
    kernel::Money refund;  // what became due for a return
    std::vector<std::pair<kernel::Sku, std::int64_t>> units;
    friend bool operator==(const Parcel&, const Parcel&) = default;
};

// The lists that it holds are empty in lists of orders.
struct Order {
    kernel::OrderId id;
    kernel::AccountId account;
    std::string status;                 // pending, ...
    std::optional<std::string> reason;  // why it was rejected
    kernel::Money total;
    kernel::Money cancelled_total;  // what its cancelled units cost
    kernel::Money refund_due;       // for its cancellation and all returns, paid back or not
    std::string payment_method;
    std::optional<kernel::PaymentId> payment;  // since it was confirmed
    std::int32_t line_count = 0;
    eventstore::Version version;
    kernel::Timestamp placed_at;
    kernel::Timestamp updated_at;
    std::vector<Line> lines;
    std::vector<Happening> timeline;
    std::vector<Parcel> shipments;
    std::vector<Parcel> returns;
    friend bool operator==(const Order&, const Order&) = default;
};

// `from` is inclusive, `to` exclusive; both of placed_at.
struct Filter {
    std::optional<kernel::AccountId> account;
    std::optional<std::string> status;
    std::optional<kernel::Timestamp> from;
    std::optional<kernel::Timestamp> to;
    int count() const {
        return account.has_value() + status.has_value() + from.has_value() + to.has_value();
    }
};

// By placed_at, ties by id in the same direction.
struct Listing {
    Filter filter;
    bool descending = true;
    KeysetPage page;
};

// Redis answers if it has it and is new enough, else PostgreSQL.
ReadResult<std::optional<Order>> find(Reading& reading, const kernel::OrderId& id,
                                      const ReadRequest& request);
// Its status alone: the cheap question of who waits for another one.
ReadResult<std::optional<std::string>> find_status(Reading& reading, const kernel::OrderId& id,
                                                   const ReadRequest& request);
// Keys are the orders' ids. Those that Redis has, and those that PostgreSQL has.
Together<Order> find_cached(Reading& reading, std::span<const AskedThing> asked);
Together<Order> find_together(Reading& reading, std::span<const AskedThing> asked);
ReadResult<Page<Order>> list(Reading& reading, const Listing& listing, const ReadRequest& request);
PagesTogether<Order> list_together(Reading& reading, std::span<const Listing> listings);

}  // namespace skald::projections::orders
