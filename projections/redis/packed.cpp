#include "projections/redis/packed.h"

#include <bit>
#include <cstring>

namespace skald::projections::redis {

static_assert(std::endian::native == std::endian::little, "bytes are shared between machines");

Packing& Packing::number(std::int64_t number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    bytes_.append(bytes, sizeof number);
    return *this;
}

Packing& Packing::flag(bool flag) {
    bytes_ += flag ? '\1' : '\0';
    return *this;
}

Packing& Packing::text(std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    char bytes[sizeof size];
    std::memcpy(bytes, &size, sizeof size);
    bytes_.append(bytes, sizeof size);
    bytes_ += text;
    return *this;
}

Packing& Packing::optional_text(const std::optional<std::string>& text) {
    flag(text.has_value());
    return text ? this->text(*text) : *this;
}

Packing& Packing::money(const kernel::Money& money) {
    number(money.amount);
    bytes_ += money.currency.code();
    return *this;
}

std::string_view Unpacking::taken(std::size_t size) {
    if (rest_.size() < size) throw NotPacked();
    const auto part = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return part;
}

std::int64_t Unpacking::number() {
    std::int64_t number = 0;
    std::memcpy(&number, taken(sizeof number).data(), sizeof number);
    return number;
}

bool Unpacking::flag() {
    const char byte = taken(1).front();
    if (byte != '\0' && byte != '\1') throw NotPacked();
    return byte == '\1';
}

std::string_view Unpacking::text_view() {
    std::uint32_t size = 0;
    std::memcpy(&size, taken(sizeof size).data(), sizeof size);
    return taken(size);
}

std::optional<std::string> Unpacking::optional_text() {
    if (!flag()) return std::nullopt;
    return text();
}

kernel::Money Unpacking::money() {
    const auto amount = number();
    const auto currency = kernel::Currency::make(taken(kernel::Currency().code().size()));
    if (!currency) throw NotPacked();
    return {amount, *currency};
}

std::size_t Unpacking::count() {
    const auto count = number();
    if (count < 0 || static_cast<std::uint64_t>(count) > rest_.size()) throw NotPacked();
    return static_cast<std::size_t>(count);
}

void Unpacking::end() const {
    if (!rest_.empty()) throw NotPacked();
}

}  // namespace skald::projections::redis
