// Rows of a result: libpq's binary columns as values, see eventstore/postgres/pq.h.
#include <libpq-fe.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "eventstore/postgres/pq.h"
#include "eventstore/postgres/pq_types.h"

namespace skald::pq {
namespace {

template <class Int>
Int from_big_endian(std::string_view bytes) {
    std::make_unsigned_t<Int> value = 0;
    for (const char byte : bytes.substr(0, sizeof(Int))) {
        value = static_cast<decltype(value)>((static_cast<std::uint64_t>(value) << 8) |
                                             static_cast<unsigned char>(byte));
    }
    return static_cast<Int>(value);
}

template <class Int>
std::vector<Int> elements(std::string_view bytes) {
    std::vector<Int> values;
    if (from_big_endian<std::int32_t>(bytes) == 0) return values;  // no dimensions: empty
    const auto count = from_big_endian<std::int32_t>(bytes.substr(12));
    values.reserve(static_cast<std::size_t>(count));
    for (std::size_t at = 20; values.size() < static_cast<std::size_t>(count);
         at += 4 + sizeof(Int)) {
        values.push_back(from_big_endian<Int>(bytes.substr(at + 4)));
    }
    return values;
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result, PQclear) {}

int Rows::columns() const { return PQnfields(result_.get()); }
int Rows::size() const { return PQntuples(result_.get()); }
std::int64_t Rows::affected() const { return std::atoll(PQcmdTuples(result_.get())); }
bool Rows::is_null(int row, int column) const {
    return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Rows::raw(int row, int column, std::span<const std::uint32_t> types) const {
    if (row >= size() || column >= PQnfields(result_.get()))
        throw std::logic_error("no such row or column");
    const auto type = static_cast<std::uint32_t>(PQftype(result_.get(), column));
    if (std::ranges::find(types, type) == types.end()) {
        throw std::logic_error(std::string("column ") + PQfname(result_.get(), column) +
                               " has type " + std::to_string(type) + ", not the one asked for");
    }
    if (is_null(row, column))
        throw std::logic_error(std::string("column ") + PQfname(result_.get(), column) +
                               " is null");
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int16_t Rows::int2(int row, int column) const {
    return from_big_endian<std::int16_t>(raw(row, column, {{oid::int2}}));
}
std::int32_t Rows::int4(int row, int column) const {
    return from_big_endian<std::int32_t>(raw(row, column, {{oid::int4}}));
}
std::int64_t Rows::int8(int row, int column) const {
    return from_big_endian<std::int64_t>(raw(row, column, {{oid::int8}}));
}
double Rows::float8(int row, int column) const {
    return std::bit_cast<double>(from_big_endian<std::int64_t>(raw(row, column, {{oid::float8}})));
}
bool Rows::boolean(int row, int column) const {
    return raw(row, column, {{oid::boolean}})[0] != '\0';
}
std::string_view Rows::text_view(int row, int column) const {
    return raw(row, column, {{oid::text, oid::varchar, oid::name, oid::json, oid::unknown}});
}
std::string Rows::text(int row, int column) const { return std::string(text_view(row, column)); }
std::optional<std::string> Rows::optional_text(int row, int column) const {
    if (is_null(row, column)) return std::nullopt;
    return text(row, column);
}
std::string Rows::bytea(int row, int column) const {
    return std::string(raw(row, column, {{oid::bytea}}));
}
Uuid Rows::uuid(int row, int column) const {
    Uuid value;
    std::memcpy(value.data, raw(row, column, {{oid::uuid}}).data(), sizeof value.data);
    return value;
}
std::int64_t Rows::timestamp(int row, int column) const {
    return from_big_endian<std::int64_t>(raw(row, column, {{oid::timestamptz}})) +
           postgres_epoch_unix_us;
}
std::vector<std::int64_t> Rows::int8_array(int row, int column) const {
    return elements<std::int64_t>(raw(row, column, {{oid::int8_array}}));
}
std::vector<std::int16_t> Rows::int2_array(int row, int column) const {
    return elements<std::int16_t>(raw(row, column, {{oid::int2_array}}));
}

}  // namespace skald::pq
