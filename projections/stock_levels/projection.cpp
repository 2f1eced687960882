#include "projections/stock_levels/projection.h"

#include "projections/decoded.h"
#include "projections/sql.h"
#include "schemas/stock/codec.h"

namespace skald::projections::stock_levels {
namespace {

using eventstore::StoredEvent;

const Table levels{.name = "stock_levels",
                   .create = sql::stock_levels_table,
                   .key_columns = 1,
                   .key_has_partition = false,
                   .columns = {{"sku"},
                               {"on_hand", ColumnType::int8, Merge::sum},
                               {"held", ColumnType::int8, Merge::sum},
                               {"allocated", ColumnType::int8, Merge::sum},
                               {"version", ColumnType::int8},
                               {"updated_at", ColumnType::timestamp}}};

const Table holds{
    .name = "stock_holds",
    .create = sql::stock_holds_table,
    .key_columns = 2,
    .key_has_partition = false,
    .columns = {
        {"sku"}, {"hold"}, {"quantity", ColumnType::int8}, {"held_at", ColumnType::timestamp}}};

struct Delta {
    std::int64_t on_hand = 0;
    std::int64_t held = 0;
    std::int64_t allocated = 0;
};

std::string sku_of(const StoredEvent& event) { return std::string(event.stream.id()); }

// The first event of a stock item makes its row, all others change it.
RowChange level(const StoredEvent& event, const Delta& delta) {
    const auto change = event.version == eventstore::Version(1) ? put : update;
    return change(levels, {{"sku", sku_of(event)},
                           {"on_hand", delta.on_hand},
                           {"held", delta.held},
                           {"allocated", delta.allocated},
                           {"version", event.version.value()},
                           {"updated_at", event.recorded_at.value()}});
}

RowChange hold_ends(const StoredEvent& event, const kernel::HoldId& hold) {
    return remove(holds, {{"sku", sku_of(event)}, {"hold", hold.value()}});
}

Changes changes_of(const stock::Received& fact, const StoredEvent& event) {
    return {level(event, {.on_hand = fact.quantity.value()})};
}

Changes changes_of(const stock::Adjusted& fact, const StoredEvent& event) {
    return {level(event, {.on_hand = fact.delta.value()})};
}

Changes changes_of(const stock::Reserved& fact, const StoredEvent& event) {
    return {level(event, {.held = fact.quantity.value()}),
            put(holds, {{"sku", sku_of(event)},
                        {"hold", fact.hold.value()},
                        {"quantity", fact.quantity.value()},
                        {"held_at", event.recorded_at.value()}})};
}

Changes changes_of(const stock::Released& fact, const StoredEvent& event) {
    return {level(event, {.held = -fact.quantity.value()}), hold_ends(event, fact.hold)};
}

Changes changes_of(const stock::Allocated& fact, const StoredEvent& event) {
    return {level(event, {.held = -fact.quantity.value(), .allocated = fact.quantity.value()}),
            hold_ends(event, fact.hold)};
}

Changes changes_of(const stock::Unallocated& fact, const StoredEvent& event) {
    return {level(event, {.allocated = -fact.quantity.value()})};
}

Changes changes_of(const stock::Shipped& fact, const StoredEvent& event) {
    return {level(event, {.on_hand = -fact.quantity.value(), .allocated = -fact.quantity.value()})};
}

Changes changes_of(const stock::Returned& fact, const StoredEvent& event) {
    return {level(event, {.on_hand = fact.quantity.value()})};
}

}  // namespace

const Projection& projection() {
    static const Projection stock_levels{
        .name = "stock_levels",
        .definition = 1,
        .event_types = {"stock.received", "stock.adjusted", "stock.reserved", "stock.released",
                        "stock.allocated", "stock.unallocated", "stock.shipped", "stock.returned"},
        .tables = {&levels, &holds},
        .changes_of =
            [](const StoredEvent& event, Earlier) {
                return decoded(event, schemas::stock::decode,
                               [](const auto& fact, const StoredEvent& stored) {
                                   return changes_of(fact, stored);
                               });
            },
        .knows = in_catalogue};
    return stock_levels;
}

}  // namespace skald::projections::stock_levels
