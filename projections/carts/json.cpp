#include "projections/carts/json.h"

#include <nlohmann/json.hpp>

#include "projections/carts/projection.h"
#include "projections/carts/rows.h"
#include "projections/sql.h"

namespace skald::projections::carts {
namespace {

using nlohmann::json;

std::vector<kernel::Portion> items_in(const json& pairs) {
    std::vector<kernel::Portion> items;
    for (const auto& pair : pairs)
        items.push_back({kernel::Sku(pair.at(0).get<std::string>()),
                         kernel::Quantity::of(pair.at(1).get<std::int64_t>())});
    return items;
}

template <class Id>
std::optional<Id> optional_id(std::optional<std::string> text) {
    if (!text) return std::nullopt;
    return Id(*std::move(text));
}

}  // namespace

redis::Mirrored mirrored() {
    return {projection().name, projection().definition, sql::changed_carts,
            [](const pq::Rows& rows, int row) -> std::optional<std::string> {
                const auto cart = cart_in(rows, row);
                if (cart.order) return std::nullopt;
                return to_json(cart);
            }};
}

Cart cart_in(const pq::Rows& rows, int row) {
    Cart cart;
    cart.id = kernel::CartId(rows.text(row, 0));
    cart.account = optional_id<kernel::AccountId>(rows.optional_text(row, 2));
    cart.order = optional_id<kernel::OrderId>(rows.optional_text(row, 3));
    cart.version = eventstore::Version(rows.int8(row, 4));
    cart.created_at = kernel::Timestamp(rows.timestamp(row, 5));
    cart.updated_at = kernel::Timestamp(rows.timestamp(row, 6));
    cart.items = items_in(json::parse(rows.text_view(row, 7)));
    return cart;
}

std::string to_json(const Cart& cart) {
    auto items = json::array();
    for (const auto& [sku, quantity] : cart.items)
        items.push_back(json::array({sku.value(), quantity.value()}));
    return json{{"id", cart.id.value()},
                {"account", cart.account ? json(cart.account->value()) : json(nullptr)},
                {"items", std::move(items)},
                {"version", cart.version.value()},
                {"created_at", cart.created_at.value()},
                {"updated_at", cart.updated_at.value()}}
        .dump();
}

Cart from_json(const std::string& text) {
    const auto value = json::parse(text);
    Cart cart;
    cart.id = kernel::CartId(value.at("id").get<std::string>());
    if (const auto& account = value.at("account"); !account.is_null())
        cart.account = kernel::AccountId(account.get<std::string>());
    cart.items = items_in(value.at("items"));
    cart.version = eventstore::Version(value.at("version").get<std::int64_t>());
    cart.created_at = kernel::Timestamp(value.at("created_at").get<std::int64_t>());
    cart.updated_at = kernel::Timestamp(value.at("updated_at").get<std::int64_t>());
    return cart;
}

}  // namespace skald::projections::carts
