#include "sagas/shop/parts.h"

#include <stdexcept>

namespace skald::sagas {

nlohmann::ordered_json to_json(const std::vector<kernel::Portion>& lines) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& [sku, quantity] : lines)
        list.push_back({{"sku", sku.value()}, {"quantity", quantity.value()}});
    return list;
}

std::vector<kernel::Portion> portions_of(const nlohmann::json& lines) {
    std::vector<kernel::Portion> portions;
    for (const auto& line : lines) {
        portions.push_back({kernel::Sku(line.at("sku").get<std::string>()),
                            kernel::Quantity::of(line.at("quantity").get<std::int64_t>())});
    }
    return portions;
}

void put(nlohmann::ordered_json& to, const kernel::Money& money) {
    to["amount"] = money.amount;
    to["currency"] = std::string(money.currency.code());
}

kernel::Money money_of(const nlohmann::json& from) {
    const auto currency = kernel::Currency::make(from.at("currency").get<std::string>());
    if (!currency) throw std::runtime_error("a saga's currency is none");
    return {from.at("amount").get<std::int64_t>(), *currency};
}

std::string encode(const MoneyNote& note) {
    nlohmann::ordered_json json;
    json["authorisation"] = note.authorisation;
    put(json, note.amount);
    return json.dump();
}

MoneyNote decode_money_note(const std::string& text) {
    const auto json = nlohmann::json::parse(text);
    return {json.at("authorisation").get<std::string>(), money_of(json)};
}

kernel::OrderId order_of(std::string_view subject) {
    return kernel::OrderId(std::string(subject.substr(0, subject.find('.'))));
}

}  // namespace skald::sagas
