#include "projections/products/mirrored.h"

#include "projections/products/projection.h"
#include "projections/products/rows.h"
#include "projections/redis/packed.h"
#include "projections/sql.h"

namespace skald::projections::products {

redis::Mirrored mirrored() {
    return {projection().name, projection().definition, sql::changed_products,
            [](const pq::Rows& rows, int row) { return packed(product_in(rows, row)); }};
}

std::string packed(const Product& p) {
    return redis::Packing()
        .text(p.sku.value())
        .text(p.title)
        .optional_text(p.department)
        .optional_text(p.category)
        .optional_text(p.brand)
        .money(p.price)
        .flag(p.ships)
        .flag(p.archived)
        .number(p.version.value())
        .number(p.created_at.value())
        .number(p.updated_at.value())
        .take();
}

Product unpacked(std::string_view bytes) {
    redis::Unpacking rest(bytes);
    Product p;
    p.sku = kernel::Sku(rest.text());
    p.title = rest.text();
    p.department = rest.optional_text();
    p.category = rest.optional_text();
    p.brand = rest.optional_text();
    p.price = rest.money();
    p.ships = rest.flag();
    p.archived = rest.flag();
    p.version = eventstore::Version(rest.number());
    p.created_at = kernel::Timestamp(rest.number());
    p.updated_at = kernel::Timestamp(rest.number());
    rest.end();
    return p;
}

}  // namespace skald::projections::products
