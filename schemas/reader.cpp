#include "schemas/reader.h"

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
    const auto known = kernel::Currency::make(currency);
    require(known.has_value(), std::string(field) + " has no currency");
    return {amount, known.value_or(kernel::Currency())};
}

kernel::Money Reader::price(std::string_view field, const common::v1::Money& money) {
    return price(field, money.amount(), money.currency());
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
