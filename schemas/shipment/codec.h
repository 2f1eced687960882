// Shipment events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/shipment/shipment.h"
#include "schemas/encoded.h"

namespace skald::schemas::shipment {

Encoded encode(const skald::shipment::Event& event);

// Takes every schema version ever written.
Result<skald::shipment::Event, DecodeError> decode(std::string_view type, int schema_version,
                                                   std::string_view data);

}  // namespace skald::schemas::shipment
