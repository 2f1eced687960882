// Orders as the statements of this folder return them. Pure.
#pragma once

#include <map>
#include <string>

#include "projections/orders/queries.h"

namespace skald::projections::orders {

// Those of find_orders.sql, by their ids.
std::map<std::string, Order> orders_in(const Found& found);

}  // namespace skald::projections::orders
