#include "schemas/product/codec.h"

#include "schemas/product/v1/product.pb.h"
#include "schemas/product/v2/product.pb.h"
#include "schemas/wire.h"

namespace skald::schemas::product {
namespace {

namespace v1 = skald::product::v1;
namespace v2 = skald::product::v2;
using skald::product::Archived;
using skald::product::Created;
using skald::product::Described;
using skald::product::Event;
using skald::product::PriceSet;
using skald::product::ShippingSet;
using wire::Reader;

Encoded write(const Created& e) {
    v2::Created m;
    m.set_sku(e.sku.value());
    m.set_title(e.title);
    if (e.department) m.set_department(*e.department);
    if (e.category) m.set_category(*e.category);
    if (e.brand) m.set_brand(*e.brand);
    wire::write(e.price, *m.mutable_price());
    if (!e.ships) m.set_ships(false);  // absent: true, as in all events before there was the field
    return wire::pack(m);
}

Encoded write(const Described& e) {
    v1::Described m;
    if (e.title) m.set_title(*e.title);
    if (e.department) m.set_department(*e.department);
    if (e.category) m.set_category(*e.category);
    if (e.brand) m.set_brand(*e.brand);
    return wire::pack(m);
}

Encoded write(const PriceSet& e) {
    v2::PriceSet m;
    wire::write(e.price, *m.mutable_price());
    return wire::pack(m);
}

Encoded write(const ShippingSet& e) {
    v1::ShippingSet m;
    m.set_ships(e.ships);
    return wire::pack(m);
}

Encoded write(const Archived&) { return wire::pack(v1::Archived()); }

// Upcasters: in the days of version 1 there were no brands, all was sold in euros, and all shipped.
Event created_v1(const v1::Created& m, Reader& r) {
    return Created{r.id<kernel::Sku>("sku", m.sku()),
                   r.words("title", m.title()),
                   OPTIONAL_WORDS(m, department),
                   OPTIONAL_WORDS(m, category),
                   std::nullopt,
                   r.price("price_cents", m.price_cents(), "EUR"),
                   true};
}

Event price_set_v1(const v1::PriceSet& m, Reader& r) {
    return PriceSet{r.price("price_cents", m.price_cents(), "EUR")};
}

Event created_v2(const v2::Created& m, Reader& r) {
    return Created{r.id<kernel::Sku>("sku", m.sku()), r.words("title", m.title()),
                   OPTIONAL_WORDS(m, department),     OPTIONAL_WORDS(m, category),
                   OPTIONAL_WORDS(m, brand),          r.price("price", m.price()),
                   m.has_ships() ? m.ships() : true};
}

Event described_v1(const v1::Described& m, Reader& r) {
    return Described{OPTIONAL_WORDS(m, title), OPTIONAL_WORDS(m, department),
                     OPTIONAL_WORDS(m, category), OPTIONAL_WORDS(m, brand)};
}

Event price_set_v2(const v2::PriceSet& m, Reader& r) {
    return PriceSet{r.price("price", m.price())};
}

Event shipping_set_v1(const v1::ShippingSet& m, Reader&) { return ShippingSet{m.ships()}; }

Event archived_v1(const v1::Archived&, Reader&) { return Archived{}; }

constexpr auto forms = wire::forms<&created_v1, &created_v2, &described_v1, &price_set_v1,
                                   &price_set_v2, &shipping_set_v1, &archived_v1>;

}  // namespace

Encoded encode(const Event& event) {
    return std::visit([](const auto& e) { return write(e); }, event);
}

Result<Event, DecodeError> decode(std::string_view type, int schema_version,
                                  std::string_view data) {
    return wire::decode<Event>(forms, type, schema_version, data);
}

std::vector<wire::Shape> shapes() { return wire::shapes_of<Event>(forms); }

}  // namespace skald::schemas::product
