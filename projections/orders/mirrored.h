// An order as Redis holds it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "projections/orders/queries.h"
#include "projections/redis/mirror.h"

namespace skald::projections::orders {

// What the mirror of orders takes from the tables (decision 29). `kept_max`: see redis::Mirrored.
redis::Mirrored mirrored(std::int32_t kept_max = 50'000);

std::string packed(const Order& order);
// Throws redis::NotPacked when the bytes are not what packed() makes.
Order unpacked(std::string_view bytes);

}  // namespace skald::projections::orders
