// What /v1/orders reads and writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/json/money.h"
#include "api/json/rules.h"
#include "projections/orders/queries.h"

namespace skald::routes {

struct PlaceOrderLine {
    std::string sku;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(PlaceOrderLine, (), (sku, quantity))

struct Payment {
    std::string method;
};
BOOST_DESCRIBE_STRUCT(Payment, (), (method))

struct PlaceOrder {
    std::string account_id;
    std::vector<PlaceOrderLine> lines;
    Payment payment;
};
BOOST_DESCRIBE_STRUCT(PlaceOrder, (), (account_id, lines, payment))

json::Rules rules_for(json::Tag<PlaceOrderLine>);
json::Rules rules_for(json::Tag<Payment>);
json::Rules rules_for(json::Tag<PlaceOrder>);

struct OrderLine {
    std::string sku;
    std::string title;
    std::optional<std::string> department;
    std::int64_t quantity = 0;
    json::Money unit_price;
    json::Money total;
};
BOOST_DESCRIBE_STRUCT(OrderLine, (), (sku, title, department, quantity, unit_price, total))

struct TimelineEntry {
    std::string type;
    std::string at;
};
BOOST_DESCRIBE_STRUCT(TimelineEntry, (), (type, at))

struct Order {
    std::string id;
    std::string account_id;
    std::string status;
    std::optional<std::string> reason;
    std::vector<OrderLine> lines;
    json::Money total;
    Payment payment;
    std::vector<TimelineEntry> timeline;
    std::int64_t version = 0;
    std::string placed_at;
    std::string updated_at;
};
BOOST_DESCRIBE_STRUCT(Order, (),
                      (id, account_id, status, reason, lines, total, payment, timeline, version,
                       placed_at, updated_at))

// An order in a list.
struct OrderSummary {
    std::string id;
    std::string account_id;
    std::string status;
    std::optional<std::string> reason;
    std::int32_t line_count = 0;
    json::Money total;
    Payment payment;
    std::int64_t version = 0;
    std::string placed_at;
    std::string updated_at;
};
BOOST_DESCRIBE_STRUCT(OrderSummary, (),
                      (id, account_id, status, reason, line_count, total, payment, version,
                       placed_at, updated_at))

Order shown(const projections::orders::Order& row);
OrderSummary summary(const projections::orders::Order& row);

}  // namespace skald::routes
