#include "projections/orders/projection.h"

#include <algorithm>
#include <map>

#include "projections/decoded.h"
#include "projections/sql.h"
#include "schemas/order/codec.h"

namespace skald::projections::orders {
namespace {

using eventstore::StoredEvent;

const Table orders{.name = "orders",
                   .create = sql::orders_table,
                   .key_columns = 1,
                   .key_has_partition = false,
                   .columns = {{"id"},
                               {"account"},
                               {"status"},
                               {"reason"},
                               {"total_amount", ColumnType::int8},
                               {"refund_due", ColumnType::int8, Merge::sum},
                               {"rest_cancelled", ColumnType::int8, Merge::sum},
                               {"currency"},
                               {"payment_method"},
                               {"payment_id"},
                               {"line_count", ColumnType::int8},
                               {"version", ColumnType::int8},
                               {"placed_at", ColumnType::timestamp},
                               {"updated_at", ColumnType::timestamp}}};

const Table lines{.name = "order_lines",
                  .create = sql::order_lines_table,
                  .key_columns = 2,
                  .key_has_partition = false,
                  .columns = {{"order_id"},
                              {"sku"},
                              {"line", ColumnType::int8},
                              {"title"},
                              {"department"},
                              {"quantity", ColumnType::int8},
                              {"unit_price", ColumnType::int8},
                              {"total", ColumnType::int8},
                              {"currency"},
                              {"ships", ColumnType::boolean},
                              {"shipped", ColumnType::int8, Merge::sum},
                              {"returned", ColumnType::int8, Merge::sum},
                              {"cancelled", ColumnType::int8, Merge::sum}}};

const Table timeline{.name = "order_timeline",
                     .create = sql::order_timeline_table,
                     .key_columns = 2,
                     .key_has_partition = false,
                     .columns = {{"order_id"},
                                 {"version", ColumnType::int8},
                                 {"type"},
                                 {"at", ColumnType::timestamp},
                                 {"detail"},
                                 {"refund", ColumnType::int8}}};

const Table portions{
    .name = "order_portions",
    .create = sql::order_portions_table,
    .key_columns = 3,
    .key_has_partition = false,
    .columns = {
        {"order_id"}, {"version", ColumnType::int8}, {"sku"}, {"quantity", ColumnType::int8}}};

std::string id_of(const StoredEvent& event) { return std::string(event.stream.id()); }

Changes changes_of(const order::Placed& fact, const StoredEvent& event, Earlier) {
    const auto id = id_of(event);
    const std::string currency(fact.total.currency.code());
    const std::int64_t none = 0;
    Changes changes{put(orders, {{"id", id},
                                 {"account", fact.account.value()},
                                 {"status", "pending"},
                                 {"reason", std::monostate()},
                                 {"total_amount", fact.total.amount},
                                 {"refund_due", none},
                                 {"rest_cancelled", none},
                                 {"currency", currency},
                                 {"payment_method", fact.payment_method},
                                 {"payment_id", std::monostate()},
                                 {"line_count", static_cast<std::int64_t>(fact.lines.size())},
                                 {"version", event.version.value()},
                                 {"placed_at", fact.placed_at.value()},
                                 {"updated_at", event.recorded_at.value()}}),
                    put(timeline, {{"order_id", id},
                                   {"version", event.version.value()},
                                   {"type", event.type},
                                   {"at", fact.placed_at.value()},
                                   {"detail", std::monostate()},
                                   {"refund", none}})};
    for (std::size_t i = 0; i < fact.lines.size(); ++i) {
        const auto& line = fact.lines[i];
        changes.push_back(put(lines, {{"order_id", id},
                                      {"sku", line.sku.value()},
                                      {"line", static_cast<std::int64_t>(i) + 1},
                                      {"title", line.title},
                                      {"department", nullable(line.department)},
                                      {"quantity", line.quantity.value()},
                                      {"unit_price", line.unit_price.amount},
                                      {"total", line.total.amount},
                                      {"currency", currency},
                                      {"ships", line.ships},
                                      {"shipped", none},
                                      {"returned", none},
                                      {"cancelled", none}}));
    }
    return changes;
}

// The order is further since this event.
Changes happened(const StoredEvent& event, const Value& detail = std::monostate(),
                 std::int64_t refund = 0) {
    return {update(orders, {{"id", id_of(event)},
                            {"refund_due", refund},
                            {"version", event.version.value()},
                            {"updated_at", event.recorded_at.value()}}),
            put(timeline, {{"order_id", id_of(event)},
                           {"version", event.version.value()},
                           {"type", event.type},
                           {"at", event.recorded_at.value()},
                           {"detail", detail},
                           {"refund", refund}})};
}

RowChange status(const StoredEvent& event, const char* status) {
    return update(orders, {{"id", id_of(event)}, {"status", status}});
}

// The lines' units that moved, counted in this column, and what they were.
void moved(Changes& changes, const StoredEvent& event, std::string_view column,
           const std::vector<kernel::Portion>& units) {
    for (const auto& [sku, quantity] : units) {
        changes.push_back(update(
            lines, {{"order_id", id_of(event)}, {"sku", sku.value()}, {column, quantity.value()}}));
        changes.push_back(put(portions, {{"order_id", id_of(event)},
                                         {"version", event.version.value()},
                                         {"sku", sku.value()},
                                         {"quantity", quantity.value()}}));
    }
}

// What needs no carrying is the customer's with the first shipment, or with the completion.
void handed_over(Changes& changes, const StoredEvent& event, Earlier earlier) {
    if (!facts_in<order::Shipped>(earlier, schemas::order::decode).empty()) return;
    for (const auto& placed : facts_in<order::Placed>(earlier, schemas::order::decode)) {
        for (const auto& line : placed.lines) {
            if (line.ships) continue;
            changes.push_back(update(lines, {{"order_id", id_of(event)},
                                             {"sku", line.sku.value()},
                                             {"shipped", line.quantity.value()}}));
        }
    }
}

// Whether nothing is left that can be carried, this shipment included.
bool all_shipped(const order::Shipped& last, Earlier earlier) {
    std::map<kernel::Sku, std::int64_t> left;
    const auto placed = facts_in<order::Placed>(earlier, schemas::order::decode);
    kernel::possible(placed.size() == 1, "shipped, but not placed before");
    for (const auto& line : placed.front().lines)
        if (line.ships) left[line.sku] = line.quantity.value();
    const auto take = [&](const order::Shipped& shipment) {
        for (const auto& [sku, quantity] : shipment.lines) left[sku] -= quantity.value();
    };
    for (const auto& shipment : facts_in<order::Shipped>(earlier, schemas::order::decode))
        take(shipment);
    take(last);
    return std::ranges::all_of(left, [](const auto& one) { return one.second <= 0; });
}

Changes changes_of(const order::Confirmed& fact, const StoredEvent& event, Earlier) {
    auto changes = happened(event, fact.payment_id.value());
    changes.push_back(status(event, "confirmed"));
    changes.push_back(
        update(orders, {{"id", id_of(event)}, {"payment_id", fact.payment_id.value()}}));
    return changes;
}
Changes changes_of(const order::Rejected& fact, const StoredEvent& event, Earlier) {
    auto changes = happened(event, fact.reason);
    changes.push_back(status(event, "rejected"));
    changes.push_back(update(orders, {{"id", id_of(event)}, {"reason", fact.reason}}));
    return changes;
}
Changes changes_of(const order::CancelRequested& fact, const StoredEvent& event, Earlier) {
    auto changes = happened(event, fact.reason);
    changes.push_back(status(event, "cancelling"));
    return changes;
}
Changes changes_of(const order::CancelRefused& fact, const StoredEvent& event, Earlier earlier) {
    auto changes = happened(event, fact.reason);
    const bool confirmed = !facts_in<order::Confirmed>(earlier, schemas::order::decode).empty();
    changes.push_back(status(event, confirmed ? "confirmed" : "pending"));
    return changes;
}
Changes changes_of(const order::Cancelled& fact, const StoredEvent& event, Earlier) {
    auto changes = happened(event, std::monostate(), fact.refund_due.amount);
    changes.push_back(status(event, "cancelled"));
    return changes;
}
Changes changes_of(const order::Shipped& fact, const StoredEvent& event, Earlier earlier) {
    auto changes = happened(event, fact.shipment_id.value());
    if (all_shipped(fact, earlier)) changes.push_back(status(event, "shipped"));
    moved(changes, event, "shipped", fact.lines);
    handed_over(changes, event, earlier);
    return changes;
}
Changes changes_of(const order::RestCancelled& fact, const StoredEvent& event, Earlier) {
    auto changes = happened(event, fact.reason, fact.refund_due.amount);
    changes.push_back(status(event, "shipped"));
    changes.push_back(
        update(orders, {{"id", id_of(event)}, {"rest_cancelled", fact.total.amount}}));
    for (const auto& [sku, quantity] : fact.lines)
        changes.push_back(update(
            lines,
            {{"order_id", id_of(event)}, {"sku", sku.value()}, {"cancelled", quantity.value()}}));
    return changes;
}
Changes changes_of(const order::ReturnRecorded& fact, const StoredEvent& event, Earlier) {
    auto changes = happened(event, fact.return_id.value(), fact.refund.amount);
    moved(changes, event, "returned", fact.lines);
    return changes;
}
Changes changes_of(const order::Completed&, const StoredEvent& event, Earlier earlier) {
    auto changes = happened(event);
    changes.push_back(status(event, "completed"));
    handed_over(changes, event, earlier);
    return changes;
}

}  // namespace

const Projection& projection() {
    static const Projection all{
        .name = "orders",
        .definition = 4,
        .event_types = {"order.placed", "order.confirmed", "order.rejected",
                        "order.cancel_requested", "order.cancel_refused", "order.cancelled",
                        "order.shipped", "order.rest_cancelled", "order.return_recorded",
                        "order.completed"},
        .tables = {&orders, &lines, &timeline, &portions},
        .look_backs = {{"order.cancel_refused", {"order.confirmed"}},
                       {"order.shipped", {"order.placed", "order.shipped"}},
                       {"order.completed", {"order.placed", "order.shipped"}}},
        .changes_of =
            [](const StoredEvent& event, Earlier earlier) {
                return decoded(event, schemas::order::decode,
                               [&](const auto& fact, const StoredEvent& stored) {
                                   return changes_of(fact, stored, earlier);
                               });
            },
        .knows = in_catalogue};
    return all;
}

}  // namespace skald::projections::orders
