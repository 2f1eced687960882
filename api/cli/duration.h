// Durations as people type them: a whole number and s, m, h or d. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace skald::cli {

// "90s", "15m", "2h", "3d"; at most 10 years. Nothing for any other text.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
// The largest unit that fits, rounded down: "45s", "2h".
std::string show_duration(std::chrono::seconds duration);

}  // namespace skald::cli
