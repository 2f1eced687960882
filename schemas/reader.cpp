#include "schemas/reader.h"

#include <set>

#include "domain/kernel/text.h"

namespace skald::schemas::wire {

std::string Reader::text(std::string_view field, const std::string& text) {
    require(kernel::is_text(text), std::string(field) + " holds control characters");
    return text;
}

std::string Reader::words(std::string_view field, const std::string& text) {
    require(!text.empty(), std::string(field) + " is empty");
    return this->text(field, text);
}

kernel::Quantity Reader::quantity(std::string_view field, std::int64_t value,
                                  kernel::Quantity least, kernel::Quantity most) {
    const auto quantity = kernel::Quantity::of(value);
    require(quantity >= least && quantity <= most, std::string(field) + " is out of range");
    return quantity;
}

kernel::Money Reader::price(std::string_view field, std::int64_t amount,
                            std::string_view currency) {
    require(amount >= 1, std::string(field) + " is not positive");
    return money_of(field, amount, currency);
}

kernel::Money Reader::amount(std::string_view field, const common::v1::Money& money) {
    require(money.amount() >= 0, std::string(field) + " is negative");
    return money_of(field, money.amount(), money.currency());
}

kernel::Money Reader::money_of(std::string_view field, std::int64_t amount,
                               std::string_view currency) {
    const auto known = kernel::Currency::make(currency);
    require(known.has_value(), std::string(field) + " has no currency");
    return {amount, known.value_or(kernel::Currency())};
}

kernel::Money Reader::price(std::string_view field, const common::v1::Money& money) {
    return price(field, money.amount(), money.currency());
}

std::vector<kernel::Portion> Reader::portions(
    std::string_view field,
    const google::protobuf::RepeatedPtrField<common::v1::Portion>& portions) {
    require(!portions.empty(), std::string(field) + " is empty");
    std::set<kernel::Sku> skus;
    std::vector<kernel::Portion> read;
    read.reserve(static_cast<std::size_t>(portions.size()));
    for (const auto& portion : portions) {
        read.push_back({id<kernel::Sku>("sku", portion.sku()),
                        quantity("quantity", portion.quantity(), 1, kernel::portion_quantity_max)});
        require(skus.insert(read.back().sku).second, std::string(field) + " has a sku twice");
    }
    return read;
}

kernel::Timestamp Reader::time(std::string_view field, const google::protobuf::Timestamp& time) {
    constexpr std::int64_t seconds_min = -62'135'596'800, seconds_max = 253'402'300'799;
    const bool good = time.seconds() >= seconds_min && time.seconds() <= seconds_max &&
                      time.nanos() >= 0 && time.nanos() < 1'000'000'000 && time.nanos() % 1000 == 0;
    require(good, std::string(field) + " is no time in whole microseconds");
    return good ? kernel::Timestamp(time.seconds() * 1'000'000 + time.nanos() / 1000)
                : kernel::Timestamp();
}

}  // namespace skald::schemas::wire
