// A number of units of something that is counted: signed, so that a change can be one too.
// Arithmetic never wraps.
#pragma once

#include <compare>
#include <cstdint>
#include <ostream>

#include "domain/kernel/invariant.h"

namespace skald::kernel {

class Quantity {
  public:
    constexpr Quantity() = default;
    // From a literal only (`Quantity q = 5`); what is known at run time says so: Quantity::of(n).
    consteval Quantity(std::int64_t literal) : units_(literal) {}  // NOLINT: implicit on purpose
    static constexpr Quantity of(std::int64_t units) {
        Quantity quantity;
        quantity.units_ = units;
        return quantity;
    }

    constexpr std::int64_t value() const { return units_; }

    // A result beyond int64 is a bug of the caller, who has bounds (such as stock::quantity_max).
    friend constexpr Quantity operator+(Quantity a, Quantity b) {
        std::int64_t sum = 0;
        INVARIANT(!__builtin_add_overflow(a.units_, b.units_, &sum));
        return of(sum);
    }
    friend constexpr Quantity operator-(Quantity a, Quantity b) {
        std::int64_t difference = 0;
        INVARIANT(!__builtin_sub_overflow(a.units_, b.units_, &difference));
        return of(difference);
    }
    constexpr Quantity& operator+=(Quantity other) { return *this = *this + other; }
    constexpr Quantity& operator-=(Quantity other) { return *this = *this - other; }

    friend constexpr auto operator<=>(const Quantity&, const Quantity&) = default;
    friend constexpr bool operator==(const Quantity&, const Quantity&) = default;
    friend std::ostream& operator<<(std::ostream& out, Quantity quantity) {
        return out << quantity.units_;
    }

  private:
    std::int64_t units_ = 0;
};

}  // namespace skald::kernel
