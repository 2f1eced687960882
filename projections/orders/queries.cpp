#include "projections/orders/queries.h"

#include <map>

#include "projections/orders/projection.h"
#include "projections/reading/page_query.h"
#include "projections/reading/snapshot.h"
#include "projections/sql.h"

namespace skald::projections::orders {
namespace {

kernel::Currency currency_in(const pq::Rows& rows, int row, int column) {
    return kernel::Currency::make(rows.text_view(row, column)).value();
}

Order order_in(const pq::Rows& rows, int row) {
    Order order;
    order.id = kernel::OrderId(rows.text(row, 0));
    order.account = kernel::AccountId(rows.text(row, 1));
    order.status = rows.text(row, 2);
    order.reason = rows.optional_text(row, 3);
    order.total = {rows.int8(row, 4), currency_in(rows, row, 5)};
    order.payment_method = rows.text(row, 6);
    order.line_count = static_cast<std::int32_t>(rows.int8(row, 7));
    order.version = eventstore::Version(rows.int8(row, 8));
    order.placed_at = kernel::Timestamp(rows.timestamp(row, 9));
    order.updated_at = kernel::Timestamp(rows.timestamp(row, 10));
    if (auto payment = rows.optional_text(row, 11))
        order.payment = kernel::PaymentId(*std::move(payment));
    order.refund_due = {rows.int8(row, 12), order.total.currency};
    return order;
}

Line line_in(const pq::Rows& rows, int row) {
    const auto currency = currency_in(rows, row, 6);
    Line line;
    line.sku = kernel::Sku(rows.text(row, 0));
    line.title = rows.text(row, 1);
    line.department = rows.optional_text(row, 2);
    line.quantity = rows.int8(row, 3);
    line.unit_price = {rows.int8(row, 4), currency};
    line.total = {rows.int8(row, 5), currency};
    line.ships = rows.boolean(row, 7);
    line.shipped = rows.int8(row, 8);
    line.returned = rows.int8(row, 9);
    return line;
}

// What was in each shipment and return, by the version of the event that says so.
using Portions = std::map<std::int64_t, std::vector<std::pair<kernel::Sku, std::int64_t>>>;
Portions portions_in(const pq::Rows& rows) {
    Portions by_entry;
    for (int i = 0; i < rows.size(); ++i)
        by_entry[rows.int8(i, 0)].emplace_back(kernel::Sku(rows.text(i, 1)), rows.int8(i, 2));
    return by_entry;
}

void add_happening(Order& order, const pq::Rows& rows, int row, Portions& by_entry) {
    Happening happening{rows.text(row, 1), kernel::Timestamp(rows.timestamp(row, 2)),
                        rows.optional_text(row, 3)};
    if (const auto units = by_entry.find(rows.int8(row, 0)); units != by_entry.end()) {
        auto& parcels = happening.type == "order.shipped" ? order.shipments : order.returns;
        parcels.push_back({.id = happening.detail.value_or(""),
                           .at = happening.at,
                           .refund = {rows.int8(row, 4), order.total.currency},
                           .units = std::move(units->second)});
    }
    order.timeline.push_back(std::move(happening));
}

}  // namespace

ReadResult<std::optional<Order>> find(Reading& reading, const kernel::OrderId& id,
                                      const ReadRequest& request) {
    return read(reading, projection(), id.value(), request, [&](Snapshot& snapshot) {
        const auto key = pq::Params().text(id.value());
        const auto rows = snapshot.query(sql::find_order, key);
        std::optional<Order> order;
        if (rows.empty()) return order;
        order = order_in(rows, 0);
        const auto lines = snapshot.query(sql::find_order_lines, key);
        for (int i = 0; i < lines.size(); ++i) order->lines.push_back(line_in(lines, i));
        auto by_entry = portions_in(snapshot.query(sql::find_order_portions, key));
        const auto timeline = snapshot.query(sql::find_order_timeline, key);
        for (int i = 0; i < timeline.size(); ++i) add_happening(*order, timeline, i, by_entry);
        return order;
    });
}

ReadResult<std::optional<std::string>> find_status(Reading& reading, const kernel::OrderId& id,
                                                   const ReadRequest& request) {
    return read(reading, projection(), id.value(), request, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query(sql::find_order_status, pq::Params().text(id.value()));
        return rows.empty() ? std::nullopt : std::optional(rows.text(0, 0));
    });
}

ReadResult<Page<Order>> list(Reading& reading, const Listing& listing, const ReadRequest& request) {
    PageQuery query({{"o.placed_at", KeyType::timestamp}, {"o.id", KeyType::text}},
                    listing.descending, listing.page);
    const auto& filter = listing.filter;
    if (filter.account) query.where("o.account = ?", filter.account->value());
    if (filter.status) query.where("o.status = ?", *filter.status);
    if (filter.from) query.where_timestamp("o.placed_at >= ?", filter.from->value());
    if (filter.to) query.where_timestamp("o.placed_at < ?", filter.to->value());
    return read(reading, projection(), std::nullopt, request, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query_once(query.statement(sql::list_orders), query.params());
        std::vector<Order> orders;
        for (int i = 0; i < rows.size(); ++i) orders.push_back(order_in(rows, i));
        return page_of(std::move(orders), listing.page, [](const Order& order) {
            return KeyValues{std::to_string(order.placed_at.value()), order.id.value()};
        });
    });
}

}  // namespace skald::projections::orders
