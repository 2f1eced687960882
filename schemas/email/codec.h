// E-mail claim events as bytes and back. Pure functions.
#pragma once

#include <string_view>

#include "domain/email/email.h"
#include "schemas/encoded.h"

namespace skald::schemas::email {

Encoded encode(const skald::email::Event& event);

// Takes every schema version ever written.
Result<skald::email::Event, DecodeError> decode(std::string_view type, int schema_version,
                                                std::string_view data);

}  // namespace skald::schemas::email
