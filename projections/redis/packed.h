// The bytes of a value in Redis: parts one behind the other, without names, to be taken in the
// order in which they were put. Numbers are eight bytes, texts have their length in front. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "domain/kernel/money.h"

namespace skald::projections::redis {

class Packing {
  public:
    Packing& number(std::int64_t number);
    Packing& flag(bool flag);
    Packing& text(std::string_view text);
    Packing& optional_text(const std::optional<std::string>& text);
    Packing& money(const kernel::Money& money);
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

// The bytes are not what was packed.
struct NotPacked : std::runtime_error {
    NotPacked() : std::runtime_error("these bytes are not what was packed") {}
};

// All throw NotPacked.
class Unpacking {
  public:
    explicit Unpacking(std::string_view bytes) : rest_(bytes) {}
    std::int64_t number();
    bool flag();
    std::string text() { return std::string(text_view()); }
    std::string_view text_view();  // as long as the bytes
    std::optional<std::string> optional_text();
    kernel::Money money();
    // How many parts follow, of which each has one byte at least.
    std::size_t count();
    // All has been taken.
    void end() const;

  private:
    std::string_view taken(std::size_t size);

    std::string_view rest_;
};

}  // namespace skald::projections::redis
