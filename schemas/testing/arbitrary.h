// For the codecs' tests: random parts of events, such as the domain lets happen, each drawn by a
// call within a property; and the property that holds for every codec. The generators themselves
// are known to arbitrary.cpp alone, as each of them costs every file that draws from it seconds of
// compilation.
#pragma once

#include <rapidcheck/gtest.h>

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/portion.h"
#include "domain/kernel/quantity.h"
#include "domain/kernel/time.h"
#include "schemas/catalogue.h"
#include "schemas/encoded.h"

namespace skald::schemas::testing {

bool coin();
std::int64_t any_number();
// One of so many, from 0, each as likely as the others.
std::size_t pick(std::size_t count);
// least to most, both included; far from least only in later cases.
std::int64_t number(std::int64_t least, std::int64_t most);
// The same, the ends as likely as all between.
kernel::Quantity quantity(kernel::Quantity least, kernel::Quantity most);

// Human text, at least one character, from several alphabets.
std::string words();
// Any characters at all, and what is most likely not to be taken.
std::string odd_text();
std::string id_text();
template <class Id>
Id id() {
    return Id(id_text());
}
// Of payments and shipments.
template <class Id>
Id numbered_id() {
    return kernel::numbered_id<Id>(id<kernel::OrderId>(),
                                   static_cast<std::int32_t>(number(1, 999'999)));
}

kernel::Timestamp time();
kernel::Money price();
// A price, or nothing of some currency.
kernel::Money amount();
// At least one, each sku once.
std::vector<kernel::Portion> portions();

template <class Draw>
std::optional<std::invoke_result_t<Draw>> maybe(Draw draw) {
    if (coin()) return std::nullopt;
    return draw();
}

// An event that was written is read as itself, and written again as the same bytes.
template <class Event>
void assert_round_trip(const Event& event, Encoded (*encode)(const Event&),
                       Result<Event, DecodeError> (*decode)(std::string_view, int,
                                                            std::string_view)) {
    const auto written = encode(event);
    const auto read = decode(written.type, written.schema_version, written.data);
    if (!read) RC_FAIL(read.error().detail);
    if (*read != event) RC_FAIL(written.type + " is read as another event");
    if (encode(*read) != written) RC_FAIL(written.type + " is written as other bytes");
    const auto* known = find_type(written.type);
    if (!known || known->schema_version != written.schema_version)
        RC_FAIL(written.type + " is not written at its newest schema version");
}

}  // namespace skald::schemas::testing
