// Money as the API writes it: {"amount": 1999, "currency": "EUR"}, the amount in minor units.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <string>

#include "api/json/rules.h"

namespace skald::json {

struct Money {
    std::int64_t amount = 0;
    std::string currency;  // ISO 4217
    friend bool operator==(const Money&, const Money&) = default;
};
BOOST_DESCRIBE_STRUCT(Money, (), (amount, currency))

inline Rules rules_for(Tag<Money>) {
    return {{"amount", Rule{}.about("in minor units, such as cents")},
            {"currency", text(3, 3, Form::currency).about("ISO 4217")}};
}

}  // namespace skald::json
