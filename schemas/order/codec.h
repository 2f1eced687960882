// Order events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/order/order.h"
#include "schemas/encoded.h"

namespace skald::schemas::order {

Encoded encode(const skald::order::Event& event);

// Takes every schema version ever written.
Result<skald::order::Event, DecodeError> decode(std::string_view type, int schema_version,
                                                std::string_view data);

}  // namespace skald::schemas::order
