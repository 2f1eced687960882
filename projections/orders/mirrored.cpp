#include "projections/orders/mirrored.h"

#include "projections/orders/projection.h"
#include "projections/orders/rows.h"
#include "projections/redis/packed.h"
#include "projections/sql.h"

namespace skald::projections::orders {
namespace {

using redis::Packing;
using redis::Unpacking;

// Some twenty lines with a shipment or two; larger ones are rarer and would take the place of many.
constexpr std::size_t packed_bytes_max = 4 * 1024;
// More than fit there are not even read: a thousand lines an order are a thousand rows.
constexpr std::int64_t lines_max = 50;

bool is_too_large(const pq::Rows& changed, int row) { return changed.int8(row, 2) > lines_max; }

std::map<std::string, std::string> values_in(const pq::Rows& rows) {
    std::map<std::string, std::string> values;
    for (const auto& [id, order] : orders_in({rows, rows.size()})) {
        auto bytes = packed(order);
        if (bytes.size() <= packed_bytes_max) values.emplace(id, std::move(bytes));
    }
    return values;
}

void put(Packing& bytes, const Line& line) {
    bytes.text(line.sku.value())
        .text(line.title)
        .optional_text(line.department)
        .number(line.quantity)
        .money(line.unit_price)
        .money(line.total)
        .flag(line.ships)
        .number(line.shipped)
        .number(line.returned)
        .number(line.cancelled);
}

void put(Packing& bytes, const Happening& happening) {
    bytes.text(happening.type).number(happening.at.value()).optional_text(happening.detail);
}

void put(Packing& bytes, const Parcel& parcel) {
    bytes.text(parcel.id).number(parcel.at.value()).money(parcel.refund);
    bytes.number(std::ssize(parcel.units));
    for (const auto& [sku, quantity] : parcel.units) bytes.text(sku.value()).number(quantity);
}

template <class Part>
void put_all(Packing& bytes, const std::vector<Part>& parts) {
    bytes.number(std::ssize(parts));
    for (const auto& part : parts) put(bytes, part);
}

void take(Unpacking& rest, Line& line) {
    line.sku = kernel::Sku(rest.text());
    line.title = rest.text();
    line.department = rest.optional_text();
    line.quantity = rest.number();
    line.unit_price = rest.money();
    line.total = rest.money();
    line.ships = rest.flag();
    line.shipped = rest.number();
    line.returned = rest.number();
    line.cancelled = rest.number();
}

void take(Unpacking& rest, Happening& happening) {
    happening.type = rest.text();
    happening.at = kernel::Timestamp(rest.number());
    happening.detail = rest.optional_text();
}

void take(Unpacking& rest, Parcel& parcel) {
    parcel.id = rest.text();
    parcel.at = kernel::Timestamp(rest.number());
    parcel.refund = rest.money();
    const auto count = rest.count();
    for (std::size_t i = 0; i < count; ++i) {
        kernel::Sku sku(rest.text());
        parcel.units.emplace_back(std::move(sku), rest.number());
    }
}

template <class Part>
void take_all(Unpacking& rest, std::vector<Part>& parts) {
    parts.resize(rest.count());
    for (auto& part : parts) take(rest, part);
}

}  // namespace

redis::Mirrored mirrored(std::int32_t kept_max) {
    return {.projection = projection().name,
            .definition = projection().definition,
            .changed_rows = sql::changed_orders,
            .things = sql::find_orders,
            .values_in = values_in,
            .is_too_large = is_too_large,
            .kept_max = kept_max,
            .before_last = sql::before_last_orders};
}

std::string packed(const Order& order) {
    Packing bytes;
    bytes.text(order.id.value())
        .text(order.account.value())
        .text(order.status)
        .optional_text(order.reason)
        .money(order.total)
        .money(order.cancelled_total)
        .money(order.refund_due)
        .text(order.payment_method)
        .flag(order.payment.has_value());
    if (order.payment) bytes.text(order.payment->value());
    bytes.number(order.line_count)
        .number(order.version.value())
        .number(order.placed_at.value())
        .number(order.updated_at.value());
    put_all(bytes, order.lines);
    put_all(bytes, order.timeline);
    put_all(bytes, order.shipments);
    put_all(bytes, order.returns);
    return bytes.take();
}

Order unpacked(std::string_view bytes) {
    Unpacking rest(bytes);
    Order order;
    order.id = kernel::OrderId(rest.text());
    order.account = kernel::AccountId(rest.text());
    order.status = rest.text();
    order.reason = rest.optional_text();
    order.total = rest.money();
    order.cancelled_total = rest.money();
    order.refund_due = rest.money();
    order.payment_method = rest.text();
    if (rest.flag()) order.payment = kernel::PaymentId(rest.text());
    order.line_count = static_cast<std::int32_t>(rest.number());
    order.version = eventstore::Version(rest.number());
    order.placed_at = kernel::Timestamp(rest.number());
    order.updated_at = kernel::Timestamp(rest.number());
    take_all(rest, order.lines);
    take_all(rest, order.timeline);
    take_all(rest, order.shipments);
    take_all(rest, order.returns);
    rest.end();
    return order;
}

}  // namespace skald::projections::orders
