// Payment events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/payment/payment.h"
#include "schemas/encoded.h"

namespace skald::schemas::payment {

Encoded encode(const skald::payment::Event& event);

// Takes every schema version ever written.
Result<skald::payment::Event, DecodeError> decode(std::string_view type, int schema_version,
                                                  std::string_view data);

}  // namespace skald::schemas::payment
