#include "projections/products/queries.h"

#include "projections/products/json.h"
#include "projections/products/projection.h"
#include "projections/products/rows.h"
#include "projections/reading/page_query.h"
#include "projections/reading/snapshot.h"
#include "projections/redis/cached.h"
#include "projections/sql.h"

namespace skald::projections::products {
namespace {

std::vector<SortKey> sort_keys(SortBy sort) {
    switch (sort) {
        case SortBy::created_at:
            return {{"p.created_at", KeyType::timestamp}, {"p.sku", KeyType::text}};
        case SortBy::price:
            return {{"p.price_amount", KeyType::int8}, {"p.sku", KeyType::text}};
        case SortBy::title:
            return {{"p.title", KeyType::text}, {"p.sku", KeyType::text}};
        case SortBy::sku:
            break;
    }
    return {{"p.sku", KeyType::text}};
}

KeyValues keys_of(const Product& product, SortBy sort) {
    switch (sort) {
        case SortBy::created_at:
            return {std::to_string(product.created_at.value()), product.sku.value()};
        case SortBy::price:
            return {std::to_string(product.price.amount), product.sku.value()};
        case SortBy::title:
            return {product.title, product.sku.value()};
        case SortBy::sku:
            break;
    }
    return {product.sku.value()};
}

}  // namespace

Product product_in(const pq::Rows& rows, int row) {
    Product p;
    p.sku = kernel::Sku(rows.text(row, 0));
    p.title = rows.text(row, 2);
    p.department = rows.optional_text(row, 3);
    p.category = rows.optional_text(row, 4);
    p.brand = rows.optional_text(row, 5);
    p.price = {rows.int8(row, 6), kernel::Currency::make(rows.text_view(row, 7)).value()};
    p.archived = rows.boolean(row, 8);
    p.version = eventstore::Version(rows.int8(row, 9));
    p.created_at = kernel::Timestamp(rows.timestamp(row, 10));
    p.updated_at = kernel::Timestamp(rows.timestamp(row, 11));
    p.ships = rows.boolean(row, 12);
    return p;
}

ReadResult<std::optional<Product>> find(Reading& reading, const kernel::Sku& sku,
                                        const ReadRequest& request) {
    if (auto cached =
            redis::cached<Product>(reading, projection(), sku.value(), request, from_json))
        return std::move(*cached);
    return read(reading, projection(), sku.value(), request, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query(sql::find_product, pq::Params().text(sku.value()));
        return rows.empty() ? std::nullopt : std::optional(product_in(rows, 0));
    });
}

ReadResult<Page<Product>> list(Reading& reading, const Listing& listing,
                               const ReadRequest& request) {
    PageQuery query(sort_keys(listing.sort), listing.descending, listing.page);
    const auto& filter = listing.filter;
    if (filter.department) query.where("p.department = ?", *filter.department);
    if (filter.category) query.where("p.category = ?", *filter.category);
    if (filter.brand) query.where("p.brand = ?", *filter.brand);
    return read(reading, projection(), std::nullopt, request, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query_once(query.statement(sql::list_products), query.params());
        std::vector<Product> products;
        for (int i = 0; i < rows.size(); ++i) products.push_back(product_in(rows, i));
        return page_of(std::move(products), listing.page,
                       [&](const Product& product) { return keys_of(product, listing.sort); });
    });
}

}  // namespace skald::projections::products
