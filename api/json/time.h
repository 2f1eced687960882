// Times as the API writes them: RFC 3339 in UTC. Inside the program a time is microseconds since
// the Unix epoch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skald::json {

// A field of an answer, written so.
struct Time {
    std::int64_t us = 0;
};

// "2024-05-01T12:30:00Z", with a fraction of up to 9 digits (cut to microseconds) or an offset
// ("+02:00"); a plain date is its midnight UTC. Years 0001 to 9999; a leap second counts as the
// second before it.
std::optional<std::int64_t> parse_time_us(std::string_view text);
// "2024-05-01" only, as days since the epoch.
std::optional<std::int64_t> parse_date_days(std::string_view text);

// "2024-05-01T12:30:00.000001Z"; the fraction has 6 digits, or is left out where it is zero.
std::string format_time_us(std::int64_t us);
void append_time_us(std::string& out, std::int64_t us);
std::string format_date_days(std::int64_t days);

}  // namespace skald::json
