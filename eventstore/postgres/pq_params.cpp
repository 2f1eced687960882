// How values become parameters in PostgreSQL's binary format: big-endian numbers, timestamps
// counted from 2000-01-01.
#include <bit>

#include "eventstore/postgres/pq.h"
#include "eventstore/postgres/pq_array.h"
#include "eventstore/postgres/pq_types.h"

namespace skald::pq {
namespace {

template <class Int>
std::string big_endian(Int value) {
    std::string bytes;
    append_number(bytes, value);
    return bytes;
}

// Of the values, each added by `add`.
template <class Values, class Add>
Array filled(std::uint32_t array_type, std::uint32_t element_type, const Values& values, Add add) {
    Array array(array_type, element_type, values.size());
    for (const auto& value : values) add(array, value);
    return array;
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
Params& Params::uuid(const Uuid& value) {
    return add(oid::uuid,
               std::string(reinterpret_cast<const char*>(value.data), sizeof value.data));
}
Params& Params::timestamp(std::int64_t unix_us) {
    return add(oid::timestamptz, big_endian(unix_us - postgres_epoch_unix_us));
}

Params& Params::null() {
    types_.push_back(0);
    values_.emplace_back(std::nullopt);
    return *this;
}

Params& Params::array(Array values) { return add(values.type(), values.take()); }

namespace {

constexpr auto add_or_null = [](Array& to, const auto& value) {
    value ? to.bytes(*value) : to.null();
};

}  // namespace

Params& Params::int2_array(std::span<const std::int16_t> values) {
    return array(filled(oid::int2_array, oid::int2, values, [](auto& to, auto v) { to.int2(v); }));
}
Params& Params::int4_array(std::span<const std::int32_t> values) {
    return array(filled(oid::int4_array, oid::int4, values, [](auto& to, auto v) { to.int4(v); }));
}
Params& Params::int8_array(std::span<const std::int64_t> values) {
    return array(filled(oid::int8_array, oid::int8, values, [](auto& to, auto v) { to.int8(v); }));
}
Params& Params::bool_array(const std::vector<bool>& values) {
    return array(
        filled(oid::boolean_array, oid::boolean, values, [](auto& to, bool v) { to.boolean(v); }));
}
Params& Params::text_array(std::span<const std::string> values) {
    return array(
        filled(oid::text_array, oid::text, values, [](auto& to, const auto& v) { to.bytes(v); }));
}
Params& Params::text_array(std::span<const std::optional<std::string>> values) {
    return array(filled(oid::text_array, oid::text, values, add_or_null));
}
Params& Params::text_array(std::span<const std::optional<std::string_view>> values) {
    return array(filled(oid::text_array, oid::text, values, add_or_null));
}
Params& Params::bytea_array(std::span<const std::string> values) {
    return array(
        filled(oid::bytea_array, oid::bytea, values, [](auto& to, const auto& v) { to.bytes(v); }));
}
Params& Params::uuid_array(std::span<const Uuid> values) {
    return array(
        filled(oid::uuid_array, oid::uuid, values, [](auto& to, const auto& v) { to.uuid(v); }));
}
Params& Params::timestamp_array(std::span<const std::int64_t> unix_us) {
    return array(filled(oid::timestamptz_array, oid::timestamptz, unix_us,
                        [](auto& to, auto v) { to.timestamp(v); }));
}

}  // namespace skald::pq
