#include "projections/products/json.h"

#include <nlohmann/json.hpp>

#include "projections/products/projection.h"
#include "projections/products/rows.h"
#include "projections/sql.h"

namespace skald::projections::products {
namespace {

using nlohmann::json;

json optional(const std::optional<std::string>& text) { return text ? json(*text) : json(nullptr); }

std::optional<std::string> optional_text(const json& value) {
    if (value.is_null()) return std::nullopt;
    return value.get<std::string>();
}

}  // namespace

redis::Mirrored mirrored() {
    return {projection().name, projection().definition, sql::changed_products,
            [](const pq::Rows& rows, int row) { return to_json(product_in(rows, row)); }};
}

std::string to_json(const Product& p) {
    return json{{"sku", p.sku.value()},
                {"title", p.title},
                {"department", optional(p.department)},
                {"category", optional(p.category)},
                {"brand", optional(p.brand)},
                {"amount", p.price.amount},
                {"currency", p.price.currency.code()},
                {"ships", p.ships},
                {"archived", p.archived},
                {"version", p.version.value()},
                {"created_at", p.created_at.value()},
                {"updated_at", p.updated_at.value()}}
        .dump();
}

Product from_json(const std::string& text) {
    const auto value = json::parse(text);
    Product p;
    p.sku = kernel::Sku(value.at("sku").get<std::string>());
    p.title = value.at("title").get<std::string>();
    p.department = optional_text(value.at("department"));
    p.category = optional_text(value.at("category"));
    p.brand = optional_text(value.at("brand"));
    p.price = {value.at("amount").get<std::int64_t>(),
               kernel::Currency::make(value.at("currency").get<std::string>()).value()};
    p.ships = value.at("ships").get<bool>();
    p.archived = value.at("archived").get<bool>();
    p.version = eventstore::Version(value.at("version").get<std::int64_t>());
    p.created_at = kernel::Timestamp(value.at("created_at").get<std::int64_t>());
    p.updated_at = kernel::Timestamp(value.at("updated_at").get<std::int64_t>());
    return p;
}

}  // namespace skald::projections::products
