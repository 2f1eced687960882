// A stock level as Redis holds it. Pure.
#pragma once

#include <string>

#include "projections/redis/mirror.h"
#include "projections/stock_levels/queries.h"

namespace skald::projections::stock_levels {

// What the mirror of stock levels takes from the table.
redis::Mirrored mirrored();

std::string to_json(const StockLevel& level);
// Throws nlohmann::json::exception when the text is not what to_json makes.
StockLevel from_json(const std::string& json);

}  // namespace skald::projections::stock_levels
