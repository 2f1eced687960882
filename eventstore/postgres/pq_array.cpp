#include "eventstore/postgres/pq_array.h"

#include "eventstore/postgres/pq_types.h"

namespace skald::pq {
namespace {

// Dimensions, whether nulls may occur, element type; then number of elements and lower bound.
constexpr std::size_t head_bytes = 20;
constexpr std::size_t length_bytes = 4;

}  // namespace

Array::Array(std::uint32_t array_type, std::uint32_t element_type, std::size_t expected,
             std::size_t element_bytes)
    : type_(array_type), element_type_(element_type) {
    bytes_.reserve(head_bytes + expected * (length_bytes + element_bytes));
    bytes_.resize(head_bytes);
}

void Array::timestamp(std::int64_t unix_us) { number(unix_us - postgres_epoch_unix_us); }

void Array::uuid(const eventstore::Uuid& value) {
    bytes({reinterpret_cast<const char*>(value.data), sizeof value.data});
}

void Array::bytes(std::string_view value) {
    append_number(bytes_, static_cast<std::int32_t>(value.size()));
    bytes_ += value;
    ++count_;
}

void Array::null() {
    append_number(bytes_, std::int32_t{-1});
    ++count_;
}

std::string Array::take() {
    std::string head;
    append_number(head, std::int32_t{count_ == 0 ? 0 : 1});
    append_number(head, std::int32_t{1});
    append_number(head, element_type_);
    if (count_ == 0) {
        bytes_ = head;
    } else {
        append_number(head, count_);
        append_number(head, std::int32_t{1});
        bytes_.replace(0, head_bytes, head);
    }
    count_ = 0;
    return std::move(bytes_);
}

}  // namespace skald::pq
