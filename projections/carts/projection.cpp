#include "projections/carts/projection.h"

#include "projections/decoded.h"
#include "projections/sql.h"
#include "schemas/cart/codec.h"

namespace skald::projections::carts {
namespace {

using eventstore::StoredEvent;

const Table carts{.name = "carts",
                  .create = sql::carts_table,
                  .key_columns = 1,
                  .key_has_partition = false,
                  .columns = {{"id"},
                              {"account"},
                              {"order_id"},
                              {"version", ColumnType::int8},
                              {"created_at", ColumnType::timestamp},
                              {"updated_at", ColumnType::timestamp}}};

const Table items{.name = "cart_items",
                  .create = sql::cart_items_table,
                  .key_columns = 2,
                  .key_has_partition = false,
                  .columns = {{"cart_id"}, {"sku"}, {"quantity", ColumnType::int8}}};

std::string id_of(const StoredEvent& event) { return std::string(event.stream.id()); }

RowChange changed(const StoredEvent& event) {
    return update(carts, {{"id", id_of(event)},
                          {"version", event.version.value()},
                          {"updated_at", event.recorded_at.value()}});
}

Changes changes_of(const cart::Created& fact, const StoredEvent& event) {
    const auto account =
        fact.account ? std::optional<std::string>(fact.account->value()) : std::nullopt;
    return {put(carts, {{"id", id_of(event)},
                        {"account", nullable(account)},
                        {"order_id", std::monostate()},
                        {"version", event.version.value()},
                        {"created_at", event.recorded_at.value()},
                        {"updated_at", event.recorded_at.value()}})};
}

Changes changes_of(const cart::ItemSet& fact, const StoredEvent& event) {
    return {changed(event), put(items, {{"cart_id", id_of(event)},
                                        {"sku", fact.sku.value()},
                                        {"quantity", fact.quantity.value()}})};
}

Changes changes_of(const cart::ItemRemoved& fact, const StoredEvent& event) {
    return {changed(event), remove(items, {{"cart_id", id_of(event)}, {"sku", fact.sku.value()}})};
}

Changes changes_of(const cart::CheckedOut& fact, const StoredEvent& event) {
    return {changed(event),
            update(carts, {{"id", id_of(event)}, {"order_id", fact.order_id.value()}})};
}

}  // namespace

const Projection& projection() {
    static const Projection all{
        .name = "carts",
        .definition = 1,
        .event_types = {"cart.created", "cart.item_set", "cart.item_removed", "cart.checked_out"},
        .tables = {&carts, &items},
        .changes_of =
            [](const StoredEvent& event, Earlier) {
                return decoded(event, schemas::cart::decode,
                               [](const auto& fact, const StoredEvent& stored) {
                                   return changes_of(fact, stored);
                               });
            },
        .knows = in_catalogue};
    return all;
}

}  // namespace skald::projections::carts
