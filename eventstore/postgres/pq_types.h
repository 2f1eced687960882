// The type numbers of PostgreSQL's built-in types (catalog/pg_type.dat of PostgreSQL 15) and its
// epoch.
#pragma once

#include <cstdint>

namespace skald::pq {

namespace oid {
inline constexpr std::uint32_t boolean = 16, bytea = 17, name = 19, int8 = 20, int2 = 21, int4 = 23,
                               text = 25, json = 114, float8 = 701, varchar = 1043,
                               timestamptz = 1184, uuid = 2950, unknown = 705;
inline constexpr std::uint32_t boolean_array = 1000, bytea_array = 1001, int2_array = 1005,
                               int4_array = 1007, text_array = 1009, int8_array = 1016,
                               timestamptz_array = 1185, uuid_array = 2951;
}  // namespace oid

// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in microseconds since the Unix epoch.
inline constexpr std::int64_t postgres_epoch_unix_us = 946'684'800'000'000;

}  // namespace skald::pq
