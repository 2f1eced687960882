#include "projections/products/queries.h"

#include <algorithm>

#include "projections/products/mirrored.h"
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

// Nothing if one of them cannot be had from Redis.
std::optional<Answer<std::vector<Product>>> all_cached(Reading& reading,
                                                       const std::vector<kernel::Sku>& skus,
                                                       const ReadRequest& request) {
    std::vector<AskedThing> asked;
    for (const auto& sku : skus) asked.push_back({sku.value(), request});
    auto found = redis::cached_together<Product>(reading, projection(), asked, unpacked);
    Answer<std::vector<Product>> all;
    all.heads.resize(static_cast<std::size_t>(reading.partitions));
    for (auto& one : found) {
        if (!one) return std::nullopt;
        for (std::size_t p = 0; p < all.heads.size(); ++p)
            all.heads[p] = std::max(all.heads[p], one->heads[p]);
        if (one->parked) ++all.parked_keys;
        all.value.push_back(*std::move(one->value));
    }
    return all;
}

Statement asked(const Listing& listing) {
    PageQuery query(sort_keys(listing.sort), listing.descending, listing.page);
    const auto& filter = listing.filter;
    if (filter.department) query.where("p.department = ?", *filter.department);
    if (filter.category) query.where("p.category = ?", *filter.category);
    if (filter.brand) query.where("p.brand = ?", *filter.brand);
    return query.asked(sql::list_products);
}

Page<Product> page_in(const Found& found, const Listing& listing) {
    std::vector<Product> products;
    products.reserve(static_cast<std::size_t>(found.size));
    for (int i = 0; i < found.size; ++i) products.push_back(product_in(found.rows, i));
    return page_of(std::move(products), listing.page,
                   [&](const Product& product) { return keys_of(product, listing.sort); });
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
    if (auto cached = redis::cached<Product>(reading, projection(), sku.value(), request, unpacked))
        return std::move(*cached);
    return read_thing(reading, projection(), sku.value(), request,
                      {sql::find_product, pq::Params().text(sku.value())}, [](const Found& found) {
                          return found.size == 0 ? std::nullopt
                                                 : std::optional(product_in(found.rows, 0));
                      });
}

Together<Product> find_cached(Reading& reading, std::span<const AskedThing> asked) {
    return redis::cached_together<Product>(reading, projection(), asked, unpacked);
}

Together<Product> find_together(Reading& reading, std::span<const AskedThing> asked) {
    std::vector<std::string> skus;
    for (const auto& one : asked) skus.push_back(one.key);
    return read_together<Product>(reading, projection(), asked,
                                  {sql::find_products, pq::Params().text_array(skus)},
                                  [](const Found& rows) {
                                      std::map<std::string, Product> products;
                                      for (int i = 0; i < rows.size; ++i) {
                                          auto product = product_in(rows.rows, i);
                                          products.emplace(product.sku.value(), std::move(product));
                                      }
                                      return products;
                                  });
}

ReadResult<std::vector<Product>> find_all(Reading& reading, const std::vector<kernel::Sku>& skus,
                                          const ReadRequest& request) {
    if (auto cached = all_cached(reading, skus, request)) return std::move(*cached);
    std::vector<std::string> keys;
    for (const auto& sku : skus) keys.push_back(sku.value());
    return read_keys(reading, projection(), keys, request,
                     {sql::find_products, pq::Params().text_array(keys)}, [](const Found& found) {
                         std::vector<Product> products;
                         for (int i = 0; i < found.size; ++i)
                             products.push_back(product_in(found.rows, i));
                         return products;
                     });
}

ReadResult<Page<Product>> list(Reading& reading, const Listing& listing,
                               const ReadRequest& request) {
    return read_list(reading, projection(), request, asked(listing),
                     [&](const Found& found) { return page_in(found, listing); });
}

PagesTogether<Product> list_together(Reading& reading, std::span<const Listing> listings) {
    std::vector<Statement> statements;
    for (const auto& listing : listings) statements.push_back(asked(listing));
    return read_lists(reading, projection(), statements, [&](std::size_t i, const Found& found) {
        return page_in(found, listings[i]);
    });
}

}  // namespace skald::projections::products
