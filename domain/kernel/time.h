// Points in time as the domain meets them: numbers that arrive in commands. There is no clock here.
#pragma once

#include <cstdint>

#include "domain/kernel/named_type.h"

namespace skald::kernel {

using Timestamp =
    Ordinal<std::int64_t, struct TimestampTag>;    // microseconds since the Unix epoch, UTC
using Day = Ordinal<std::int64_t, struct DayTag>;  // days since 1970-01-01, UTC

// The years 0001 to 9999, which is what RFC 3339 and Protobuf's Timestamp can say.
inline constexpr Timestamp time_min{-62'135'596'800'000'000};
inline constexpr Timestamp time_max{253'402'300'799'999'999};

inline constexpr std::int64_t microseconds_per_day = 86'400'000'000;

// The UTC day that `time` falls on; times before 1970 have negative days.
constexpr Day days(Timestamp time) {
    const auto micros = time.value();
    const auto quotient = micros / microseconds_per_day;
    return Day(micros % microseconds_per_day < 0 ? quotient - 1 : quotient);
}

}  // namespace skald::kernel
