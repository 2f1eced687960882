#include "projections/orders/projection.h"

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
                               {"currency"},
                               {"payment_method"},
                               {"line_count", ColumnType::int8},
                               {"version", ColumnType::int8},
                               {"placed_at", ColumnType::timestamp},
                               {"updated_at", ColumnType::timestamp}}};

const Table lines{.name = "order_lines",
                  .create = sql::order_lines_table,
                  .key_columns = 2,
                  .key_has_partition = false,
                  .columns = {{"order_id"},
                              {"line", ColumnType::int8},
                              {"sku"},
                              {"title"},
                              {"department"},
                              {"quantity", ColumnType::int8},
                              {"unit_price", ColumnType::int8},
                              {"total", ColumnType::int8},
                              {"currency"}}};

const Table timeline{
    .name = "order_timeline",
    .create = sql::order_timeline_table,
    .key_columns = 2,
    .key_has_partition = false,
    .columns = {
        {"order_id"}, {"version", ColumnType::int8}, {"type"}, {"at", ColumnType::timestamp}}};

Changes changes_of(const order::Placed& fact, const StoredEvent& event) {
    const std::string id(event.stream.id());
    const std::string currency(fact.total.currency.code());
    Changes changes{put(orders, {{"id", id},
                                 {"account", fact.account.value()},
                                 {"status", "pending"},
                                 {"reason", std::monostate()},
                                 {"total_amount", fact.total.amount},
                                 {"currency", currency},
                                 {"payment_method", fact.payment_method},
                                 {"line_count", static_cast<std::int64_t>(fact.lines.size())},
                                 {"version", event.version.value()},
                                 {"placed_at", fact.placed_at.value()},
                                 {"updated_at", event.recorded_at.value()}}),
                    put(timeline, {{"order_id", id},
                                   {"version", event.version.value()},
                                   {"type", event.type},
                                   {"at", fact.placed_at.value()}})};
    for (std::size_t i = 0; i < fact.lines.size(); ++i) {
        const auto& line = fact.lines[i];
        changes.push_back(put(lines, {{"order_id", id},
                                      {"line", static_cast<std::int64_t>(i) + 1},
                                      {"sku", line.sku.value()},
                                      {"title", line.title},
                                      {"department", nullable(line.department)},
                                      {"quantity", line.quantity.value()},
                                      {"unit_price", line.unit_price.amount},
                                      {"total", line.total.amount},
                                      {"currency", currency}}));
    }
    return changes;
}

// The order stands elsewhere since this event.
Changes moved(const StoredEvent& event, const char* status) {
    const std::string id(event.stream.id());
    return {update(orders, {{"id", id},
                            {"status", status},
                            {"version", event.version.value()},
                            {"updated_at", event.recorded_at.value()}}),
            put(timeline, {{"order_id", id},
                           {"version", event.version.value()},
                           {"type", event.type},
                           {"at", event.recorded_at.value()}})};
}

Changes changes_of(const order::Confirmed&, const StoredEvent& event) {
    return moved(event, "confirmed");
}
Changes changes_of(const order::Rejected& fact, const StoredEvent& event) {
    auto changes = moved(event, "rejected");
    changes.push_back(
        update(orders, {{"id", std::string(event.stream.id())}, {"reason", fact.reason}}));
    return changes;
}
Changes changes_of(const order::CancelRequested&, const StoredEvent& event) {
    return moved(event, "cancelling");
}
Changes changes_of(const order::Cancelled&, const StoredEvent& event) {
    return moved(event, "cancelled");
}
Changes changes_of(const order::Completed&, const StoredEvent& event) {
    return moved(event, "completed");
}
// Not subscribed: no program writes them yet.
Changes changes_of(const auto&, const StoredEvent&) { return {}; }

}  // namespace

const Projection& projection() {
    static const Projection all{
        .name = "orders",
        .definition = 1,
        .event_types = {"order.placed", "order.confirmed", "order.rejected",
                        "order.cancel_requested", "order.cancelled", "order.completed"},
        .tables = {&orders, &lines, &timeline},
        .changes_of =
            [](const StoredEvent& event, Earlier) {
                return decoded(event, schemas::order::decode,
                               [](const auto& fact, const StoredEvent& stored) {
                                   return changes_of(fact, stored);
                               });
            },
        .knows = in_catalogue};
    return all;
}

}  // namespace skald::projections::orders
