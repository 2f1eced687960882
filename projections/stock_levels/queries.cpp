#include "projections/stock_levels/queries.h"

#include "projections/reading/snapshot.h"
#include "projections/redis/cached.h"
#include "projections/sql.h"
#include "projections/stock_levels/json.h"
#include "projections/stock_levels/projection.h"
#include "projections/stock_levels/rows.h"

namespace skald::projections::stock_levels {

StockLevel level_in(const pq::Rows& rows, int row) {
    StockLevel level;
    level.sku = kernel::Sku(rows.text(row, 0));
    level.on_hand = rows.int8(row, 2);
    level.held = rows.int8(row, 3);
    level.allocated = rows.int8(row, 4);
    level.version = eventstore::Version(rows.int8(row, 5));
    return level;
}

ReadResult<std::optional<StockLevel>> find(Reading& reading, const kernel::Sku& sku,
                                           const ReadRequest& request) {
    if (auto cached =
            redis::cached<StockLevel>(reading, projection(), sku.value(), request, from_json))
        return std::move(*cached);
    return read_thing(
        reading, projection(), sku.value(), request,
        {sql::find_stock_level, pq::Params().text(sku.value())}, [](const Found& found) {
            return found.size == 0 ? std::nullopt : std::optional(level_in(found.rows, 0));
        });
}

}  // namespace skald::projections::stock_levels
