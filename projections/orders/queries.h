// Reads orders: one with its lines and what happened to it, or lists by account, status and time.
// Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"
#include "projections/reading/reading.h"

namespace skald::projections::orders {

struct Line {
    kernel::Sku sku;
    std::string title;
    std::optional<std::string> department;
    std::int64_t quantity = 0;
    kernel::Money unit_price;
    kernel::Money total;
    friend bool operator==(const Line&, const Line&) = default;
};

// Something that happened to the order: the type of the event that says so, such as order.placed.
struct Happening {
    std::string type;
    kernel::Timestamp at;
    friend bool operator==(const Happening&, const Happening&) = default;
};

// Lines and timeline are empty in lists.
struct Order {
    kernel::OrderId id;
    kernel::AccountId account;
    std::string status;                 // pending, ...
    std::optional<std::string> reason;  // why it was rejected or cancelled
    kernel::Money total;
    std::string payment_method;
    std::int32_t line_count = 0;
    eventstore::Version version;
    kernel::Timestamp placed_at;
    kernel::Timestamp updated_at;
    std::vector<Line> lines;
    std::vector<Happening> timeline;
    friend bool operator==(const Order&, const Order&) = default;
};

// `from` is inclusive, `to` exclusive; both of placed_at.
struct Filter {
    std::optional<kernel::AccountId> account;
    std::optional<std::string> status;
    std::optional<kernel::Timestamp> from;
    std::optional<kernel::Timestamp> to;
};

// By placed_at, ties by id in the same direction.
struct Listing {
    Filter filter;
    bool descending = true;
    KeysetPage page;
};

ReadResult<std::optional<Order>> find(Reading& reading, const kernel::OrderId& id,
                                      const ReadRequest& request);
ReadResult<Page<Order>> list(Reading& reading, const Listing& listing, const ReadRequest& request);

}  // namespace skald::projections::orders
