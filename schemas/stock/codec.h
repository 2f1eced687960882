// Stock events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/stock/stock.h"
#include "schemas/encoded.h"

namespace skald::schemas::stock {

Encoded encode(const skald::stock::Event& event);

// Takes every schema version ever written.
Result<skald::stock::Event, DecodeError> decode(std::string_view type, int schema_version,
                                                std::string_view data);

}  // namespace skald::schemas::stock
