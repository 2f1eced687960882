#include "projections/orders/queries.h"

#include <algorithm>
#include <map>

#include "projections/orders/mirrored.h"
#include "projections/orders/projection.h"
#include "projections/orders/rows.h"
#include "projections/reading/page_query.h"
#include "projections/reading/snapshot.h"
#include "projections/redis/cached.h"
#include "projections/sql.h"

namespace skald::projections::orders {
namespace {

kernel::Currency currency_in(const pq::Rows& rows, int row, int column) {
    return kernel::Currency::make(rows.text_view(row, column)).value();
}

// All of it: its row and its lines do not say so besides.
bool is_cancelled(const Order& order) {
    return order.status == "cancelled" || order.status == "rejected";
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
    order.cancelled_total =
        is_cancelled(order) ? order.total : kernel::Money{rows.int8(row, 13), order.total.currency};
    return order;
}

// The columns of find_orders.sql that tell the parts apart and put them in order.
constexpr int part_column = 14;
constexpr int place_column = 15;
enum class Part { order, line, portion, happening };

Line line_in(const Order& order, const pq::Rows& rows, int row) {
    const auto currency = currency_in(rows, row, 5);
    Line line;
    line.sku = kernel::Sku(rows.text(row, 1));
    line.title = rows.text(row, 2);
    line.department = rows.optional_text(row, 3);
    line.quantity = rows.int8(row, 4);
    line.unit_price = {rows.int8(row, 7), currency};
    line.total = {rows.int8(row, 8), currency};
    line.shipped = rows.int8(row, 12);
    line.cancelled = is_cancelled(order) ? line.quantity : rows.int8(row, 13);
    line.returned = rows.int8(row, 16);
    line.ships = rows.boolean(row, 17);
    return line;
}

// The rows of one order's parts, in their order.
struct PartRows {
    std::optional<int> order;
    std::vector<int> lines;
    std::vector<int> portions;
    std::vector<int> happenings;
};

std::map<std::string_view, PartRows> parts_in(const Found& found) {
    const auto& rows = found.rows;
    std::map<std::string_view, PartRows> parts;
    for (int i = 0; i < found.size; ++i) {
        auto& own = parts[rows.text_view(i, 0)];
        switch (static_cast<Part>(rows.int4(i, part_column))) {
            case Part::order:
                own.order = i;
                break;
            case Part::line:
                own.lines.push_back(i);
                break;
            case Part::portion:
                own.portions.push_back(i);
                break;
            case Part::happening:
                own.happenings.push_back(i);
                break;
        }
    }
    const auto place = [&](int row) { return rows.int8(row, place_column); };
    const auto place_and_sku = [&](int row) {
        return std::pair(rows.int8(row, place_column), rows.text_view(row, 1));
    };
    for (auto& [id, own] : parts) {
        std::ranges::sort(own.lines, {}, place);
        std::ranges::sort(own.portions, {}, place_and_sku);
        std::ranges::sort(own.happenings, {}, place);
    }
    return parts;
}

// What was in each shipment and return, by the version of the event that says so.
using Portions = std::map<std::int64_t, std::vector<std::pair<kernel::Sku, std::int64_t>>>;

void add_happening(Order& order, const pq::Rows& rows, int row, Portions& by_entry) {
    Happening happening{rows.text(row, 1), kernel::Timestamp(rows.timestamp(row, 9)),
                        rows.optional_text(row, 2)};
    if (const auto units = by_entry.find(rows.int8(row, place_column)); units != by_entry.end()) {
        auto& parcels = happening.type == "order.shipped" ? order.shipments : order.returns;
        parcels.push_back({.id = happening.detail.value_or(""),
                           .at = happening.at,
                           .refund = {rows.int8(row, 4), order.total.currency},
                           .units = std::move(units->second)});
    }
    order.timeline.push_back(std::move(happening));
}

Statement all_of(const std::vector<std::string>& ids) {
    return {sql::find_orders, pq::Params().text_array(ids)};
}

Statement asked(const Listing& listing) {
    PageQuery query({{"o.placed_at", KeyType::timestamp}, {"o.id", KeyType::text}},
                    listing.descending, listing.page);
    const auto& filter = listing.filter;
    if (filter.account) query.where("o.account = ?", filter.account->value());
    if (filter.status) query.where("o.status = ?", *filter.status);
    if (filter.from) query.where_timestamp("o.placed_at >= ?", filter.from->value());
    if (filter.to) query.where_timestamp("o.placed_at < ?", filter.to->value());
    return query.asked(sql::list_orders);
}

Page<Order> page_in(const Found& found, const Listing& listing) {
    std::vector<Order> page;
    page.reserve(static_cast<std::size_t>(found.size));
    for (int i = 0; i < found.size; ++i) page.push_back(order_in(found.rows, i));
    return page_of(std::move(page), listing.page, [](const Order& order) {
        return KeyValues{std::to_string(order.placed_at.value()), order.id.value()};
    });
}

}  // namespace

std::map<std::string, Order> orders_in(const Found& found) {
    const auto& rows = found.rows;
    std::map<std::string, Order> all;
    for (const auto& [id, parts] : parts_in(found)) {
        if (!parts.order) continue;
        auto& order = all[std::string(id)];
        order = order_in(rows, *parts.order);
        for (const auto row : parts.lines) order.lines.push_back(line_in(order, rows, row));
        Portions by_entry;
        for (const auto row : parts.portions)
            by_entry[rows.int8(row, place_column)].emplace_back(kernel::Sku(rows.text(row, 1)),
                                                                rows.int8(row, 4));
        for (const auto row : parts.happenings) add_happening(order, rows, row, by_entry);
    }
    return all;
}

ReadResult<std::optional<Order>> find(Reading& reading, const kernel::OrderId& id,
                                      const ReadRequest& request) {
    if (auto cached = redis::cached<Order>(reading, projection(), id.value(), request, unpacked))
        return std::move(*cached);
    return read_thing(reading, projection(), id.value(), request, all_of({id.value()}),
                      [](const Found& found) -> std::optional<Order> {
                          auto all = orders_in(found);
                          if (all.empty()) return std::nullopt;
                          return std::move(all.begin()->second);
                      });
}

Together<Order> find_cached(Reading& reading, std::span<const AskedThing> asked) {
    return redis::cached_together<Order>(reading, projection(), asked, unpacked);
}

Together<Order> find_together(Reading& reading, std::span<const AskedThing> asked) {
    std::vector<std::string> ids;
    for (const auto& one : asked) ids.push_back(one.key);
    return read_together<Order>(reading, projection(), asked, all_of(ids), orders_in);
}

ReadResult<std::optional<std::string>> find_status(Reading& reading, const kernel::OrderId& id,
                                                   const ReadRequest& request) {
    return read_thing(
        reading, projection(), id.value(), request,
        {sql::find_order_status, pq::Params().text(id.value())}, [](const Found& found) {
            return found.size == 0 ? std::nullopt : std::optional(found.rows.text(0, 0));
        });
}

ReadResult<Page<Order>> list(Reading& reading, const Listing& listing, const ReadRequest& request) {
    return read_list(reading, projection(), request, asked(listing),
                     [&](const Found& found) { return page_in(found, listing); });
}

PagesTogether<Order> list_together(Reading& reading, std::span<const Listing> listings) {
    std::vector<Statement> statements;
    for (const auto& listing : listings) statements.push_back(asked(listing));
    return read_lists(reading, projection(), statements, [&](std::size_t i, const Found& found) {
        return page_in(found, listings[i]);
    });
}

}  // namespace skald::projections::orders
