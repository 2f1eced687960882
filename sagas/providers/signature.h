// How both ends know that a request was made by a holder of the shared secret, and lately:
//   Skald-Signature: t=<seconds since the epoch>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>
// Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald::sagas {

inline constexpr std::string_view signature_header = "Skald-Signature";
// A request signed longer ago (or further ahead) is refused, so nothing arrives later than that.
inline constexpr std::chrono::seconds signature_tolerance{300};

// The header's value for a body sent at `now` (seconds since the epoch).
std::string sign(std::string_view secret, std::string_view body, std::int64_t now);

// Whether `header` is the signature of this body, made within the tolerance of `now`. Takes the
// same time wherever the signatures differ.
bool is_signed(std::string_view header, std::string_view secret, std::string_view body,
               std::int64_t now);

}  // namespace skald::sagas
