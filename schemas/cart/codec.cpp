#include "schemas/cart/codec.h"

#include "schemas/cart/v1/cart.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::cart {
namespace {

namespace v1 = skald::cart::v1;
using kernel::AccountId;
using kernel::OrderId;
using kernel::Sku;
using skald::cart::CheckedOut;
using skald::cart::Created;
using skald::cart::Event;
using skald::cart::ItemRemoved;
using skald::cart::ItemSet;
using wire::Reader;

Encoded write(const Created& e) {
    v1::Created m;
    if (e.account) m.set_account(e.account->value());
    return wire::pack(m);
}

Encoded write(const ItemSet& e) {
    v1::ItemSet m;
    m.set_sku(e.sku.value());
    m.set_quantity(e.quantity.value());
    return wire::pack(m);
}

Encoded write(const ItemRemoved& e) {
    v1::ItemRemoved m;
    m.set_sku(e.sku.value());
    return wire::pack(m);
}

Encoded write(const CheckedOut& e) {
    v1::CheckedOut m;
    m.set_order_id(e.order_id.value());
    return wire::pack(m);
}

Event created_v1(const v1::Created& m, Reader& r) {
    std::optional<AccountId> account;
    if (m.has_account()) account = r.id<AccountId>("account", m.account());
    return Created{account};
}

Event item_set_v1(const v1::ItemSet& m, Reader& r) {
    return ItemSet{r.id<Sku>("sku", m.sku()),
                   r.quantity("quantity", m.quantity(), 1, skald::cart::quantity_max)};
}

Event item_removed_v1(const v1::ItemRemoved& m, Reader& r) {
    return ItemRemoved{r.id<Sku>("sku", m.sku())};
}

Event checked_out_v1(const v1::CheckedOut& m, Reader& r) {
    return CheckedOut{r.id<OrderId>("order_id", m.order_id())};
}

constexpr auto forms = wire::forms<&created_v1, &item_set_v1, &item_removed_v1, &checked_out_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::cart
