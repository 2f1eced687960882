#include "projections/stock_levels/json.h"

#include <nlohmann/json.hpp>

#include "projections/sql.h"
#include "projections/stock_levels/projection.h"
#include "projections/stock_levels/rows.h"

namespace skald::projections::stock_levels {

using nlohmann::json;

redis::Mirrored mirrored() {
    return {projection().name, projection().definition, sql::changed_stock_levels,
            [](const pq::Rows& rows, int row) { return to_json(level_in(rows, row)); }};
}

std::string to_json(const StockLevel& level) {
    return json{{"sku", level.sku.value()},
                {"on_hand", level.on_hand},
                {"held", level.held},
                {"allocated", level.allocated},
                {"version", level.version.value()}}
        .dump();
}

StockLevel from_json(const std::string& text) {
    const auto value = json::parse(text);
    StockLevel level;
    level.sku = kernel::Sku(value.at("sku").get<std::string>());
    level.on_hand = value.at("on_hand").get<std::int64_t>();
    level.held = value.at("held").get<std::int64_t>();
    level.allocated = value.at("allocated").get<std::int64_t>();
    level.version = eventstore::Version(value.at("version").get<std::int64_t>());
    return level;
}

}  // namespace skald::projections::stock_levels
