// Money: whole minor units (cents) of one currency. Two currencies are never added, and no sum
// wraps: both are refused.
#pragma once

#include <algorithm>
#include <array>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "domain/kernel/result.h"

namespace skald::kernel {

BOOST_DEFINE_ENUM_CLASS(MoneyError, not_a_currency, currencies_differ, overflow)

// An ISO 4217 alphabetic code: three capital letters. Which of them are in use today is not asked:
// the list changes, and what was sold in a currency that has gone stays sold in it.
class Currency {
  public:
    constexpr Currency() = default;  // XXX, which ISO 4217 keeps for "no currency"
    explicit consteval Currency(const char (&literal)[4])
        : code_{literal[0], literal[1], literal[2]} {
        if (!is_code({literal, 3})) throw "not a currency code";  // stops the compilation
    }
    static constexpr Result<Currency, MoneyError> make(std::string_view code) {
        if (!is_code(code)) return unexpected(MoneyError::not_a_currency);
        Currency currency;
        std::ranges::copy(code, currency.code_.begin());
        return currency;
    }

    constexpr std::string_view code() const { return {code_.data(), code_.size()}; }

    friend constexpr auto operator<=>(const Currency&, const Currency&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Currency& currency) {
        return out << currency.code();
    }

  private:
    static constexpr bool is_code(std::string_view code) {
        return code.size() == 3 &&
               std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
    }
    std::array<char, 3> code_{'X', 'X', 'X'};
};

struct Money {
    std::int64_t amount = 0;  // minor units: 1999 is 19.99 EUR, and 1999 JPY
    Currency currency;

    friend constexpr bool operator==(const Money&, const Money&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Money& money) {
        return out << money.amount << ' ' << money.currency;
    }
};

// a + b; refused if their currencies differ or the sum leaves int64.
constexpr Result<Money, MoneyError> add(const Money& a, const Money& b) {
    if (a.currency != b.currency) return unexpected(MoneyError::currencies_differ);
    Money sum{0, a.currency};
    if (__builtin_add_overflow(a.amount, b.amount, &sum.amount))
        return unexpected(MoneyError::overflow);
    return sum;
}

// price x times; refused if the product leaves int64.
constexpr Result<Money, MoneyError> multiply(const Money& price, std::int64_t times) {
    Money product{0, price.currency};
    if (__builtin_mul_overflow(price.amount, times, &product.amount))
        return unexpected(MoneyError::overflow);
    return product;
}

}  // namespace skald::kernel
