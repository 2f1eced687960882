// Text to JSON under limits: what is not strict, unambiguous JSON is refused before anything looks
// at it. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/json/value.h"
#include "domain/kernel/result.h"

namespace skald::json {

inline constexpr std::size_t depth_max = 32;
// Longer keys are never ours, and a problem's pointer repeats them.
inline constexpr std::size_t key_bytes_max = 256;
// Problems listed of one document; there are never more fields than that in an honest request.
inline constexpr std::size_t issues_max = 2000;

// One JSON text of at most `depth_max` levels. Refused with pointer and code: text that is not JSON
// or not UTF-8 (malformed_json), a key twice in an object (duplicate_key), deeper nesting
// (too_deep), integers beyond int64 (number_out_of_range), keys over `key_bytes_max`
// (key_too_long).
Result<Value, Issues> parse(std::string_view text);

// The one text of a value: sorted keys, no blanks. Equal values, equal texts.
std::string canonical(const Value& value);

// A JSON pointer's token for a key: '~' becomes "~0", '/' becomes "~1".
std::string pointer_token(std::string_view key);

// Whether the bytes are UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text);
// The number of characters (code points) of valid UTF-8.
std::size_t characters(std::string_view text);

}  // namespace skald::json
