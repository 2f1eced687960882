// How long a client is willing to wait: `Prefer: wait=5` (seconds, RFC 7240) on commands,
// `Skald-Wait: 2000` (milliseconds) on queries.
#pragma once

#include <chrono>
#include <optional>

#include "api/http/problem.h"
#include "domain/kernel/result.h"

namespace skald::http {

inline constexpr std::chrono::seconds prefer_wait_max{30};
inline constexpr std::chrono::milliseconds skald_wait_default{2000};
inline constexpr std::chrono::milliseconds skald_wait_max{20'000};

// None where the client does not ask; more than `prefer_wait_max` is cut to it. A wait that is no
// number is 400; other preferences are ignored.
Result<std::optional<std::chrono::seconds>, Problem> prefer_wait(const Request& request);
// The default where the client does not say; 0 to `skald_wait_max`, else 400.
Result<std::chrono::milliseconds, Problem> skald_wait(const Request& request);

}  // namespace skald::http
