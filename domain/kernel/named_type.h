// Strong types: an id, a position and a version never convert into each other, though each is a
// plain string or number inside.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <ostream>
#include <utility>

namespace skald::kernel {

// A value of type T that only its own kind compares with. `Tag` is any type of the name's choosing.
template <class T, class Tag>
class Named {
  public:
    using value_type = T;

    constexpr Named() = default;
    explicit constexpr Named(T value) : value_(std::move(value)) {}

    constexpr const T& value() const { return value_; }

    friend auto operator<=>(const Named&, const Named&) = default;
    friend bool operator==(const Named&, const Named&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Named& named) {
        return out << named.value_;
    }

  private:
    T value_{};
};

// A Named integer that is counted along: n + 1 is the next one, a - b is how many lie between.
template <class T, class Tag>
class Ordinal : public Named<T, Tag> {
  public:
    using Named<T, Tag>::Named;

    constexpr Ordinal operator+(T n) const { return Ordinal(this->value() + n); }
    constexpr Ordinal operator-(T n) const { return Ordinal(this->value() - n); }
    constexpr T operator-(const Ordinal& other) const { return this->value() - other.value(); }
    constexpr Ordinal& operator++() { return *this = *this + 1; }

    friend auto operator<=>(const Ordinal&, const Ordinal&) = default;
    friend bool operator==(const Ordinal&, const Ordinal&) = default;
};

}  // namespace skald::kernel

template <class T, class Tag>
struct std::hash<skald::kernel::Named<T, Tag>> {
    std::size_t operator()(const skald::kernel::Named<T, Tag>& named) const {
        return std::hash<T>{}(named.value());
    }
};
template <class T, class Tag>
struct std::hash<skald::kernel::Ordinal<T, Tag>> : std::hash<skald::kernel::Named<T, Tag>> {};
