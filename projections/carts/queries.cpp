#include "projections/carts/queries.h"

#include "projections/carts/json.h"
#include "projections/carts/projection.h"
#include "projections/carts/rows.h"
#include "projections/reading/snapshot.h"
#include "projections/redis/cached.h"
#include "projections/sql.h"

namespace skald::projections::carts {

ReadResult<std::optional<Cart>> find(Reading& reading, const kernel::CartId& id,
                                     const ReadRequest& request) {
    if (auto cached = redis::cached<Cart>(reading, projection(), id.value(), request, from_json))
        return std::move(*cached);
    return read(reading, projection(), id.value(), request, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query(sql::find_cart, pq::Params().text(id.value()));
        return rows.empty() ? std::nullopt : std::optional(cart_in(rows, 0));
    });
}

}  // namespace skald::projections::carts
