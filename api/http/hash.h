// SHA-256 and its HMAC, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace skald::http {

// 32 bytes each.
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
// Takes the same time wherever they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace skald::http
