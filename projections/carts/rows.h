// A cart as the statements of this folder return it. Pure.
#pragma once

#include "projections/carts/queries.h"

namespace skald::projections::carts {

// From a row of find_cart.sql or changed_carts.sql.
Cart cart_in(const pq::Rows& rows, int row);

}  // namespace skald::projections::carts
