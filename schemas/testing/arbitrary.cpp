#include "schemas/testing/arbitrary.h"

#include <algorithm>
#include <set>

namespace skald::schemas::testing {
namespace {

using Texts = rc::Gen<std::string>;

Texts joined(const rc::Gen<std::vector<std::string>>& parts) {
    return rc::gen::map(parts, [](const std::vector<std::string>& drawn) {
        std::string text;
        for (const auto& part : drawn) text += part;
        return text;
    });
}

Texts word_texts() {
    static const Texts gen = joined(rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
            "a", "Z", "0", " ", "\"", "\\", "<", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x8D\xB7"))));
    return gen;
}

Texts id_texts() {
    static const Texts gen =
        rc::gen::map(rc::gen::resize(60, rc::gen::nonEmpty(rc::gen::container<std::string>(
                                             rc::gen::elementOf(std::string("abcXYZ019_-"))))),
                     [](const std::string& text) { return text.substr(0, kernel::id_bytes_max); });
    return gen;
}

}  // namespace

bool coin() { return *rc::gen::arbitrary<bool>(); }
std::int64_t any_number() { return *rc::gen::arbitrary<std::int64_t>(); }
std::size_t pick(std::size_t count) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, count));
}
std::int64_t number(std::int64_t least, std::int64_t most) {
    return *rc::gen::inRange(least, most + 1);
}

kernel::Quantity quantity(kernel::Quantity least, kernel::Quantity most) {
    const auto few = std::min(most.value(), least.value() + 300);
    const std::int64_t drawn[] = {least.value(), most.value(), number(least.value(), most.value()),
                                  number(least.value(), few)};
    return kernel::Quantity::of(drawn[pick(4)]);
}

std::string words() { return *word_texts(); }
std::string id_text() { return *id_texts(); }

std::string odd_text() {
    if (coin()) return *rc::gen::string<std::string>();
    return *rc::gen::element<std::string>("", std::string("a\0b", 3), "\xC3", "\x7F",
                                          "\xED\xA0\x80", "a b", std::string(201, 'x'),
                                          std::string(501, 'x'));
}

kernel::Timestamp time() {
    return kernel::Timestamp(number(kernel::time_min.value(), kernel::time_max.value()));
}

kernel::Money price() {
    const std::string codes[] = {"EUR", "USD", "JPY", "XXX"};
    return {*rc::gen::positive<std::int64_t>(), *kernel::Currency::make(codes[pick(4)])};
}

kernel::Money amount() {
    auto money = price();
    if (coin()) money.amount = 0;
    return money;
}

std::vector<kernel::Portion> portions() {
    const auto skus = *rc::gen::resize(
        20, rc::gen::nonEmpty(rc::gen::container<std::set<std::string>>(id_texts())));
    std::vector<kernel::Portion> drawn;
    for (const auto& sku : skus)
        drawn.push_back({kernel::Sku(sku), quantity(1, kernel::portion_quantity_max)});
    return drawn;
}

}  // namespace skald::schemas::testing
