#include "sagas/checkout/input.h"

#include "sagas/shop/parts.h"

namespace skald::sagas {

std::string encode(const CheckoutInput& input) {
    nlohmann::ordered_json json;
    json["lines"] = to_json(input.lines);
    put(json, input.amount);
    json["method"] = input.method;
    json["ships"] = input.ships;
    return json.dump();
}

CheckoutInput decode_checkout_input(const std::string& text) {
    const auto json = nlohmann::json::parse(text);
    return {portions_of(json.at("lines")), money_of(json), json.at("method").get<std::string>(),
            json.at("ships").get<bool>()};
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
