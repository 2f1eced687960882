// For the codecs' tests: random parts of events, such as the domain lets happen, and the properties
// that hold for every codec.
#pragma once

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/portion.h"
#include "domain/kernel/quantity.h"
#include "schemas/catalogue.h"
#include "schemas/encoded.h"

namespace skald::schemas::testing {

// Human text, at least one character, from several alphabets.
inline rc::Gen<std::string> words() {
    const auto characters = rc::gen::element<std::string>(
        "a", "Z", "0", " ", "\"", "\\", "<", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x8D\xB7");
    return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(characters)),
                        [](const std::vector<std::string>& parts) {
                            std::string text;
                            for (const auto& part : parts) text += part;
                            return text;
                        });
}

template <class T>
rc::Gen<std::optional<T>> maybe(const rc::Gen<T>& gen) {
    return rc::gen::oneOf(rc::gen::just(std::optional<T>()),
                          rc::gen::map(gen, [](T value) { return std::optional<T>(value); }));
}

template <class Id>
rc::Gen<Id> ids() {
    const auto letters = rc::gen::elementOf(std::string("abcXYZ019_-"));
    return rc::gen::map(
        rc::gen::resize(60, rc::gen::nonEmpty(rc::gen::container<std::string>(letters))),
        [](const std::string& text) { return Id(text.substr(0, kernel::id_bytes_max)); });
}

// Of payments and shipments.
template <class Id>
rc::Gen<Id> numbered_ids() {
    return rc::gen::map(
        rc::gen::pair(ids<kernel::OrderId>(), rc::gen::inRange(1, 1'000'000)),
        [](const auto& parts) { return kernel::numbered_id<Id>(parts.first, parts.second); });
}

// least to most, both included, the ends as likely as all between.
inline rc::Gen<kernel::Quantity> quantities(kernel::Quantity least, kernel::Quantity most) {
    return rc::gen::map(
        rc::gen::oneOf(
            rc::gen::just(least.value()), rc::gen::just(most.value()),
            rc::gen::inRange(least.value(), most.value()),
            rc::gen::inRange(least.value(), std::min(most.value(), least.value() + 300))),
        [](std::int64_t value) { return kernel::Quantity::of(value); });
}

inline rc::Gen<kernel::Money> prices() {
    return rc::gen::construct<kernel::Money>(
        rc::gen::positive<std::int64_t>(),
        rc::gen::map(rc::gen::element<std::string>("EUR", "USD", "JPY", "XXX"),
                     [](const std::string& code) { return *kernel::Currency::make(code); }));
}

// A price, or nothing of some currency.
inline rc::Gen<kernel::Money> amounts() {
    return rc::gen::map(rc::gen::pair(prices(), rc::gen::arbitrary<bool>()), [](const auto& parts) {
        return kernel::Money{parts.second ? parts.first.amount : 0, parts.first.currency};
    });
}

// At least one, each sku once.
inline rc::Gen<std::vector<kernel::Portion>> portions() {
    const auto skus =
        rc::gen::nonEmpty(rc::gen::container<std::set<kernel::Sku>>(ids<kernel::Sku>()));
    const auto counts = rc::gen::container<std::vector<kernel::Quantity>>(
        100, quantities(1, kernel::portion_quantity_max));
    return rc::gen::map(rc::gen::pair(rc::gen::resize(20, skus), counts), [](const auto& parts) {
        std::vector<kernel::Portion> portions;
        for (const auto& sku : parts.first)
            portions.push_back({sku, parts.second[portions.size() % parts.second.size()]});
        return portions;
    });
}

// An event that was written is read as itself, and written again as the same bytes.
template <class Event>
void assert_round_trip(const Event& event, Encoded (*encode)(const Event&),
                       Result<Event, DecodeError> (*decode)(std::string_view, int,
                                                            std::string_view)) {
    const auto written = encode(event);
    const auto read = decode(written.type, written.schema_version, written.data);
    if (!read) RC_FAIL(read.error().detail);
    RC_ASSERT(*read == event);
    RC_ASSERT(encode(*read) == written);
    RC_ASSERT(find_type(written.type) != nullptr);
    RC_ASSERT(find_type(written.type)->schema_version == written.schema_version);
}

}  // namespace skald::schemas::testing
