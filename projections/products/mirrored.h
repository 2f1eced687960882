// A product as Redis holds it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "projections/products/queries.h"
#include "projections/redis/mirror.h"

namespace skald::projections::products {

// What the mirror of products takes from the table.
redis::Mirrored mirrored();

std::string packed(const Product& product);
// Throws redis::NotPacked when the bytes are not what packed() makes.
Product unpacked(std::string_view bytes);

}  // namespace skald::projections::products
