// A stock level as the statements of this folder return it. Pure.
#pragma once

#include "projections/stock_levels/queries.h"

namespace skald::projections::stock_levels {

// From a row of find_stock_level.sql or changed_stock_levels.sql.
StockLevel level_in(const pq::Rows& rows, int row);

}  // namespace skald::projections::stock_levels
