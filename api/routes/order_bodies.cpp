#include "api/routes/order_bodies.h"

#include "api/routes/checks.h"
#include "domain/kernel/ids.h"

namespace skald::routes {

json::Rules rules_for(json::Tag<PlaceOrderLine>) {
    return {{"sku", json::sku()}, {"quantity", json::integer(1, 100'000)}};
}

json::Rules rules_for(json::Tag<Payment>) {
    return {{"method", json::one_of({"card-ok", "card-declined", "card-slow", "card-timeout",
                                     "card-error", "card-flaky"})
                           .about("decides the outcome in the sandbox provider")}};
}

json::Rules rules_for(json::Tag<PlaceOrder>) {
    return {{"account_id", account_id_rule()}, {"lines", json::list(1, 1000).unique("sku")}};
}

namespace {

OrderPayment payment_of(const projections::orders::Order& row) {
    OrderPayment payment{row.payment_method, std::nullopt};
    if (row.payment) payment.id = row.payment->value();
    return payment;
}

std::vector<UnitsOfSku> units_of(const projections::orders::Parcel& parcel) {
    std::vector<UnitsOfSku> lines;
    for (const auto& [sku, quantity] : parcel.units) lines.push_back({sku.value(), quantity});
    return lines;
}

}  // namespace

Order shown(const projections::orders::Order& row) {
    Order order{.id = row.id.value(),
                .account_id = row.account.value(),
                .status = row.status,
                .reason = row.reason,
                .lines = {},
                .total = shown(row.total),
                .payment = payment_of(row),
                .cancelled_total = shown(row.cancelled_total),
                .refund_due = shown(row.refund_due),
                .shipments = {},
                .returns = {},
                .timeline = {},
                .version = row.version.value(),
                .placed_at = {row.placed_at.value()},
                .updated_at = {row.updated_at.value()}};
    order.lines.reserve(row.lines.size());
    for (const auto& line : row.lines) {
        order.lines.push_back({.sku = line.sku.value(),
                               .title = line.title,
                               .department = line.department,
                               .quantity = line.quantity,
                               .unit_price = shown(line.unit_price),
                               .total = shown(line.total),
                               .ships = line.ships,
                               .shipped = line.shipped,
                               .returned = line.returned,
                               .cancelled = line.cancelled});
    }
    for (const auto& shipment : row.shipments) {
        order.shipments.push_back({shipment.id, {shipment.at.value()}, units_of(shipment)});
    }
    for (const auto& one : row.returns) {
        order.returns.push_back({one.id, {one.at.value()}, units_of(one), shown(one.refund)});
    }
    for (const auto& happening : row.timeline) {
        order.timeline.push_back({happening.type, {happening.at.value()}, happening.detail});
    }
    return order;
}

OrderSummary summary(const projections::orders::Order& row) {
    return {.id = row.id.value(),
            .account_id = row.account.value(),
            .status = row.status,
            .reason = row.reason,
            .line_count = row.line_count,
            .total = shown(row.total),
            .payment = payment_of(row),
            .cancelled_total = shown(row.cancelled_total),
            .refund_due = shown(row.refund_due),
            .version = row.version.value(),
            .placed_at = {row.placed_at.value()},
            .updated_at = {row.updated_at.value()}};
}

}  // namespace skald::routes
