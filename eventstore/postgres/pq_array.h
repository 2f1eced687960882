// An array parameter built element by element, in PostgreSQL's binary format: big-endian numbers,
// arrays as in array_recv() of PostgreSQL 15 (src/backend/utils/adt/arrayfuncs.c).
#pragma once

#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/types.h"

namespace skald::pq {

// The number in the order of bytes that PostgreSQL reads.
template <class Int>
void append_number(std::string& to, Int value) {
    boost::endian::native_to_big_inplace(value);
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

class Array {
  public:
    // Type numbers of the array and of its elements (pq_types.h); `expected` elements find room
    // without growing.
    Array(std::uint32_t array_type, std::uint32_t element_type, std::size_t expected = 0,
          std::size_t element_bytes = 8);

    // Each adds an element of that type, which must be the array's.
    void int2(std::int16_t value) { number(value); }
    void int4(std::int32_t value) { number(value); }
    void int8(std::int64_t value) { number(value); }
    void boolean(bool value) { number(static_cast<std::int8_t>(value ? 1 : 0)); }
    void timestamp(std::int64_t unix_us);
    void uuid(const eventstore::Uuid& value);
    void bytes(std::string_view value);  // text and bytea
    void null();

    std::uint32_t type() const { return type_; }
    // The whole parameter; the array is empty afterwards.
    std::string take();

  private:
    template <class Int>
    void number(Int value) {
        append_number(bytes_, static_cast<std::int32_t>(sizeof value));
        append_number(bytes_, value);
        ++count_;
    }

    std::uint32_t type_;
    std::uint32_t element_type_;
    std::int32_t count_ = 0;
    std::string bytes_;  // room for the head, then the elements
};

}  // namespace skald::pq
