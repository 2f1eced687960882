#include "projections/carts/queries.h"

#include <nlohmann/json.hpp>

#include "projections/carts/projection.h"
#include "projections/reading/snapshot.h"
#include "projections/sql.h"

namespace skald::projections::carts {
namespace {

template <class Id>
std::optional<Id> optional_id(std::optional<std::string> text) {
    if (!text) return std::nullopt;
    return Id(*std::move(text));
}

Cart cart_in(const pq::Rows& rows) {
    Cart cart;
    cart.id = kernel::CartId(rows.text(0, 0));
    cart.account = optional_id<kernel::AccountId>(rows.optional_text(0, 1));
    cart.order = optional_id<kernel::OrderId>(rows.optional_text(0, 2));
    cart.version = eventstore::Version(rows.int8(0, 3));
    cart.created_at = kernel::Timestamp(rows.timestamp(0, 4));
    cart.updated_at = kernel::Timestamp(rows.timestamp(0, 5));
    for (const auto& item : nlohmann::json::parse(rows.text_view(0, 6)))
        cart.items.push_back({kernel::Sku(item.at(0).get<std::string>()),
                              kernel::Quantity::of(item.at(1).get<std::int64_t>())});
    return cart;
}

}  // namespace

ReadResult<std::optional<Cart>> find(Reading& reading, const kernel::CartId& id,
                                     const ReadRequest& request) {
    return read_thing(reading, projection(), id.value(), request,
                      {sql::find_cart, pq::Params().text(id.value())}, [](const Found& found) {
                          return found.size == 0 ? std::nullopt
                                                 : std::optional(cart_in(found.rows));
                      });
}

}  // namespace skald::projections::carts
