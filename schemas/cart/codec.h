// Cart events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/cart/cart.h"
#include "schemas/encoded.h"

namespace skald::schemas::cart {

Encoded encode(const skald::cart::Event& event);

// Takes every schema version ever written.
Result<skald::cart::Event, DecodeError> decode(std::string_view type, int schema_version,
                                               std::string_view data);

}  // namespace skald::schemas::cart
