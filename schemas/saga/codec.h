// Saga events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/saga/saga.h"
#include "schemas/encoded.h"

namespace skald::schemas::saga {

Encoded encode(const skald::saga::Event& event);

// Takes every schema version ever written.
Result<skald::saga::Event, DecodeError> decode(std::string_view type, int schema_version,
                                               std::string_view data);

}  // namespace skald::schemas::saga
