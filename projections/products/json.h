// A product as Redis holds it. Pure.
#pragma once

#include <string>

#include "projections/products/queries.h"
#include "projections/redis/mirror.h"

namespace skald::projections::products {

// What the mirror of products takes from the table.
redis::Mirrored mirrored();

std::string to_json(const Product& product);
// Throws nlohmann::json::exception when the text is not what to_json makes.
Product from_json(const std::string& json);

}  // namespace skald::projections::products
