// Product events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/product/product.h"
#include "schemas/encoded.h"

namespace skald::schemas::product {

Encoded encode(const skald::product::Event& event);

// Takes every schema version ever written.
Result<skald::product::Event, DecodeError> decode(std::string_view type, int schema_version,
                                                  std::string_view data);

}  // namespace skald::schemas::product
