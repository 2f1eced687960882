// How values become parameters in PostgreSQL's binary format: big-endian numbers, timestamps
// counted from 2000-01-01, arrays as in array_recv() of PostgreSQL 15
// (src/backend/utils/adt/arrayfuncs.c).
#include <bit>
#include <cstring>

#include "eventstore/postgres/pq.h"
#include "eventstore/postgres/pq_types.h"

namespace skald::pq {
namespace {

template <class Int>
std::string big_endian(Int value) {
    std::string bytes(sizeof value, '\0');
    auto rest = static_cast<std::make_unsigned_t<Int>>(value);
    for (std::size_t i = sizeof value; i-- > 0; rest = static_cast<decltype(rest)>(rest >> 8)) {
        bytes[i] = static_cast<char>(rest & 0xff);
        if constexpr (sizeof value == 1) break;
    }
    return bytes;
}

void append_int4(std::string& to, std::int32_t value) { to += big_endian(value); }

std::string bytes_of(const Uuid& value) {
    return std::string(reinterpret_cast<const char*>(value.data), sizeof value.data);
}

}  // namespace

Params& Params::add(std::uint32_t type, std::string value) {
    types_.push_back(type);
    values_.emplace_back(std::move(value));
    return *this;
}

Params& Params::int2(std::int16_t value) { return add(oid::int2, big_endian(value)); }
Params& Params::int4(std::int32_t value) { return add(oid::int4, big_endian(value)); }
Params& Params::int8(std::int64_t value) { return add(oid::int8, big_endian(value)); }
Params& Params::float8(double value) {
    return add(oid::float8, big_endian(std::bit_cast<std::int64_t>(value)));
}
Params& Params::boolean(bool value) {
    return add(oid::boolean, std::string(1, value ? '\1' : '\0'));
}
Params& Params::text(std::string_view value) { return add(oid::text, std::string(value)); }
Params& Params::bytea(std::string_view value) { return add(oid::bytea, std::string(value)); }
Params& Params::uuid(const Uuid& value) { return add(oid::uuid, bytes_of(value)); }
Params& Params::timestamp(std::int64_t unix_us) {
    return add(oid::timestamptz, big_endian(unix_us - postgres_epoch_unix_us));
}

Params& Params::null() {
    types_.push_back(0);
    values_.emplace_back(std::nullopt);
    return *this;
}

template <class Values, class Write>
Params& Params::array(std::uint32_t array_type, std::uint32_t element_type, const Values& values,
                      Write write) {
    std::string bytes;
    append_int4(bytes, values.empty() ? 0 : 1);  // dimensions
    append_int4(bytes, 1);                       // nulls may occur
    append_int4(bytes, static_cast<std::int32_t>(element_type));
    if (!values.empty()) {
        append_int4(bytes, static_cast<std::int32_t>(values.size()));
        append_int4(bytes, 1);  // lower bound
    }
    for (const auto& value : values) write(bytes, value);
    return add(array_type, std::move(bytes));
}

namespace {

void append_element(std::string& to, std::string_view element) {
    append_int4(to, static_cast<std::int32_t>(element.size()));
    to += element;
}

}  // namespace

Params& Params::int2_array(std::span<const std::int16_t> values) {
    return array(oid::int2_array, oid::int2, values,
                 [](auto& to, auto v) { append_element(to, big_endian(v)); });
}
Params& Params::int4_array(std::span<const std::int32_t> values) {
    return array(oid::int4_array, oid::int4, values,
                 [](auto& to, auto v) { append_element(to, big_endian(v)); });
}
Params& Params::int8_array(std::span<const std::int64_t> values) {
    return array(oid::int8_array, oid::int8, values,
                 [](auto& to, auto v) { append_element(to, big_endian(v)); });
}
Params& Params::bool_array(const std::vector<bool>& values) {
    return array(oid::boolean_array, oid::boolean, values, [](auto& to, bool v) {
        append_element(to, std::string_view(v ? "\1" : "\0", 1));
    });
}
Params& Params::text_array(std::span<const std::string> values) {
    return array(oid::text_array, oid::text, values,
                 [](auto& to, const auto& v) { append_element(to, v); });
}
Params& Params::text_array(std::span<const std::optional<std::string>> values) {
    return array(oid::text_array, oid::text, values, [](auto& to, const auto& v) {
        if (v) {
            append_element(to, *v);
        } else {
            append_int4(to, -1);
        }
    });
}
Params& Params::bytea_array(std::span<const std::string> values) {
    return array(oid::bytea_array, oid::bytea, values,
                 [](auto& to, const auto& v) { append_element(to, v); });
}
Params& Params::uuid_array(std::span<const Uuid> values) {
    return array(oid::uuid_array, oid::uuid, values,
                 [](auto& to, const auto& v) { append_element(to, bytes_of(v)); });
}
Params& Params::timestamp_array(std::span<const std::int64_t> unix_us) {
    return array(oid::timestamptz_array, oid::timestamptz, unix_us, [](auto& to, auto v) {
        append_element(to, big_endian(v - postgres_epoch_unix_us));
    });
}

}  // namespace skald::pq
