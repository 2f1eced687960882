// Texts of the wire: percent-encoding, base64url, and the varints inside tokens and cursors. Pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/kernel/result.h"

namespace skald::http {

// RFC 3986; the result is valid UTF-8 without NUL. `plus_is_blank`: as in query strings. The error
// says what is wrong.
Result<std::string, std::string> percent_decode(std::string_view text, bool plus_is_blank);
// Leaves letters, digits and -._~ as they are.
std::string percent_encode(std::string_view text);

// RFC 4648, section 5, without padding; each text has one encoding, others are refused.
std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

// LEB128 of 0 .. 2^63-1.
void put_varint(std::string& out, std::int64_t number);
// Takes one off the front of `bytes`; nothing when there is none, or it is too large or not the
// shortest.
std::optional<std::int64_t> take_varint(std::string_view& bytes);

}  // namespace skald::http
