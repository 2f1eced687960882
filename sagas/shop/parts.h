// What sagas remember of money and goods: JSON in a saga's input or in what a step noted. Stored in
// the saga's stream, so a field that once was must stay readable. The readers throw
// std::exception when the text is not what was written.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/portion.h"

namespace skald::sagas {

nlohmann::ordered_json to_json(const std::vector<kernel::Portion>& lines);
std::vector<kernel::Portion> portions_of(const nlohmann::json& lines);

// Into the fields `amount` and `currency`.
void put(nlohmann::ordered_json& to, const kernel::Money& money);
kernel::Money money_of(const nlohmann::json& from);

// What a later call has to know of the payment as a step found it.
struct MoneyNote {
    std::string authorisation;  // the provider's reference
    kernel::Money amount;
};
std::string encode(const MoneyNote& note);
MoneyNote decode_money_note(const std::string& text);

// The order that a saga of its partition is about: its subject up to the first dot.
kernel::OrderId order_of(std::string_view subject);

}  // namespace skald::sagas
