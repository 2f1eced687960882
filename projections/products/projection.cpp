#include "projections/products/projection.h"

#include "projections/decoded.h"
#include "projections/sql.h"
#include "schemas/product/codec.h"

namespace skald::projections::products {
namespace {

using eventstore::StoredEvent;

const Table table{.name = "products",
                  .create = sql::products_table,
                  .key_columns = 1,
                  .key_has_partition = false,
                  .columns = {{"sku"},
                              {"title"},
                              {"department"},
                              {"category"},
                              {"brand"},
                              {"price_amount", ColumnType::int8},
                              {"currency"},
                              {"ships", ColumnType::boolean},
                              {"archived", ColumnType::boolean},
                              {"version", ColumnType::int8},
                              {"created_at", ColumnType::timestamp},
                              {"updated_at", ColumnType::timestamp}}};

std::string sku_of(const StoredEvent& event) { return std::string(event.stream.id()); }

std::int64_t version_of(const StoredEvent& event) { return event.version.value(); }

std::int64_t time_of(const StoredEvent& event) { return event.recorded_at.value(); }

Changes changes_of(const product::Created& fact, const StoredEvent& event) {
    return {put(table, {{"sku", sku_of(event)},
                        {"title", fact.title},
                        {"department", nullable(fact.department)},
                        {"category", nullable(fact.category)},
                        {"brand", nullable(fact.brand)},
                        {"price_amount", fact.price.amount},
                        {"currency", std::string(fact.price.currency.code())},
                        {"ships", fact.ships},
                        {"archived", false},
                        {"version", version_of(event)},
                        {"created_at", time_of(event)},
                        {"updated_at", time_of(event)}})};
}

Changes changes_of(const product::Described& fact, const StoredEvent& event) {
    Changes changes{update(
        table,
        {{"sku", sku_of(event)}, {"version", version_of(event)}, {"updated_at", time_of(event)}})};
    const auto describe = [&](std::string_view column, const std::optional<std::string>& text) {
        if (text) changes.push_back(update(table, {{"sku", sku_of(event)}, {column, *text}}));
    };
    describe("title", fact.title);
    describe("department", fact.department);
    describe("category", fact.category);
    describe("brand", fact.brand);
    return changes;
}

Changes changes_of(const product::PriceSet& fact, const StoredEvent& event) {
    return {update(table, {{"sku", sku_of(event)},
                           {"price_amount", fact.price.amount},
                           {"currency", std::string(fact.price.currency.code())},
                           {"version", version_of(event)},
                           {"updated_at", time_of(event)}})};
}

Changes changes_of(const product::Archived&, const StoredEvent& event) {
    return {update(table, {{"sku", sku_of(event)},
                           {"archived", true},
                           {"version", version_of(event)},
                           {"updated_at", time_of(event)}})};
}

Changes changes_of(const product::ShippingSet& fact, const StoredEvent& event) {
    return {update(table, {{"sku", sku_of(event)},
                           {"ships", fact.ships},
                           {"version", version_of(event)},
                           {"updated_at", time_of(event)}})};
}

}  // namespace

const Projection& projection() {
    static const Projection products{
        .name = "products",
        .definition = 2,
        .event_types = {"product.created", "product.described", "product.price_set",
                        "product.shipping_set", "product.archived"},
        .tables = {&table},
        .changes_of =
            [](const StoredEvent& event, Earlier) {
                return decoded(event, schemas::product::decode,
                               [](const auto& fact, const StoredEvent& stored) {
                                   return changes_of(fact, stored);
                               });
            },
        .knows = in_catalogue};
    return products;
}

}  // namespace skald::projections::products
