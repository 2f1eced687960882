// What /v1/orders reads and writes. Texts of what is written are those of the rows it is made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json/money.h"
#include "api/json/rules.h"
#include "api/json/time.h"
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
    std::string_view sku;
    std::string_view title;
    std::optional<std::string_view> department;
    std::int64_t quantity = 0;
    json::Money unit_price;
    json::Money total;
    bool ships = true;
    std::int64_t shipped = 0;
    std::int64_t returned = 0;
    std::int64_t cancelled = 0;
};
BOOST_DESCRIBE_STRUCT(OrderLine, (),
                      (sku, title, department, quantity, unit_price, total, ships, shipped,
                       returned, cancelled))

struct OrderPayment {
    std::string_view method;
    std::optional<std::string_view> id;
};
BOOST_DESCRIBE_STRUCT(OrderPayment, (), (method, id))

struct TimelineEntry {
    std::string_view type;
    json::Time at;
    std::optional<std::string_view> detail;
};
BOOST_DESCRIBE_STRUCT(TimelineEntry, (), (type, at, detail))

struct UnitsOfSku {
    std::string_view sku;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(UnitsOfSku, (), (sku, quantity))

struct OrderShipment {
    std::string_view id;
    json::Time at;
    std::vector<UnitsOfSku> lines;
};
BOOST_DESCRIBE_STRUCT(OrderShipment, (), (id, at, lines))

struct OrderReturn {
    std::string_view id;
    json::Time at;
    std::vector<UnitsOfSku> lines;
    json::Money refund;
};
BOOST_DESCRIBE_STRUCT(OrderReturn, (), (id, at, lines, refund))

struct Order {
    std::string_view id;
    std::string_view account_id;
    std::string_view status;
    std::optional<std::string_view> reason;
    std::vector<OrderLine> lines;
    json::Money total;
    OrderPayment payment;
    json::Money cancelled_total;
    json::Money refund_due;
    std::vector<OrderShipment> shipments;
    std::vector<OrderReturn> returns;
    std::vector<TimelineEntry> timeline;
    std::int64_t version = 0;
    json::Time placed_at;
    json::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(Order, (),
                      (id, account_id, status, reason, lines, total, payment, cancelled_total,
                       refund_due, shipments, returns, timeline, version, placed_at, updated_at))

// An order in a list.
struct OrderSummary {
    std::string_view id;
    std::string_view account_id;
    std::string_view status;
    std::optional<std::string_view> reason;
    std::int32_t line_count = 0;
    json::Money total;
    OrderPayment payment;
    json::Money cancelled_total;
    json::Money refund_due;
    std::int64_t version = 0;
    json::Time placed_at;
    json::Time updated_at;
};
BOOST_DESCRIBE_STRUCT(OrderSummary, (),
                      (id, account_id, status, reason, line_count, total, payment, cancelled_total,
                       refund_due, version, placed_at, updated_at))

// As long as the row.
Order shown(const projections::orders::Order& row);
Order shown(const projections::orders::Order&& row) = delete;
OrderSummary summary(const projections::orders::Order& row);
OrderSummary summary(const projections::orders::Order&& row) = delete;

}  // namespace skald::routes
