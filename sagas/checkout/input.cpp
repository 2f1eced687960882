#include "sagas/checkout/input.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace skald::sagas {

std::string encode(const CheckoutInput& input) {
    nlohmann::ordered_json json;
    auto& lines = json["lines"] = nlohmann::ordered_json::array();
    for (const auto& line : input.lines)
        lines.push_back({{"sku", line.sku.value()}, {"quantity", line.quantity.value()}});
    json["amount"] = input.amount.amount;
    json["currency"] = std::string(input.amount.currency.code());
    json["method"] = input.method;
    json["ships"] = input.ships;
    return json.dump();
}

CheckoutInput decode_checkout_input(const std::string& text) {
    const auto json = nlohmann::json::parse(text);
    CheckoutInput input;
    for (const auto& line : json.at("lines")) {
        input.lines.push_back({kernel::Sku(line.at("sku").get<std::string>()),
                               kernel::Quantity::of(line.at("quantity").get<std::int64_t>())});
    }
    const auto currency = kernel::Currency::make(json.at("currency").get<std::string>());
    if (!currency) throw std::runtime_error("a checkout's currency is none");
    input.amount = {json.at("amount").get<std::int64_t>(), *currency};
    input.method = json.at("method").get<std::string>();
    input.ships = json.at("ships").get<bool>();
    return input;
}

CheckoutInput input_of(const order::Placed& placed) {
    CheckoutInput input{{}, placed.total, placed.payment_method, false};
    for (const auto& line : placed.lines) {
        input.lines.push_back({line.sku, line.quantity});
        input.ships = input.ships || line.ships;
    }
    return input;
}

}  // namespace skald::sagas
