// Account events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/account/account.h"
#include "schemas/encoded.h"

namespace skald::schemas::account {

Encoded encode(const skald::account::Event& event);

// Takes every schema version ever written.
Result<skald::account::Event, DecodeError> decode(std::string_view type, int schema_version,
                                                  std::string_view data);

}  // namespace skald::schemas::account
