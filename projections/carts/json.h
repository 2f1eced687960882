// A cart as Redis holds it, while it is open. Pure.
#pragma once

#include <string>

#include "projections/carts/queries.h"
#include "projections/redis/mirror.h"

namespace skald::projections::carts {

// What the mirror of carts takes from the table: those that are not checked out. The others are
// hardly asked for again, and would fill Redis.
redis::Mirrored mirrored();

std::string to_json(const Cart& cart);
// Throws nlohmann::json::exception when the text is not what to_json makes.
Cart from_json(const std::string& json);

}  // namespace skald::projections::carts
