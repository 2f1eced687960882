// Checks that every request goes through before its handler sees it. Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace skald::http {

inline constexpr std::size_t target_bytes_max = 8192;
inline constexpr std::size_t query_parameters_max = 100;

// Splits a request target (origin form, or absolute form of http) into the request's path and
// decoded query.
std::optional<Problem> take_target(Request& request, std::string_view target);

// A body only where one is taken, as application/json (of a PATCH also
// application/merge-patch+json), UTF-8, not encoded.
std::optional<Problem> check_body(const Request& request, bool takes_body);

// What HTTP/1.1 demands of headers so that two parties never read two different requests out of the
// same bytes: one Host, no Transfer-Encoding beside Content-Length, no coding but chunked.
// `http_1_0`: the request is of version 1.0.
std::optional<Problem> check_framing(const Pairs& headers, bool http_1_0);

}  // namespace skald::http
