#include "projections/products/queries.h"

#include <algorithm>

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

// Each costs a call to Redis, while PostgreSQL answers for all at once.
constexpr std::size_t asked_of_redis_max = 16;

// The heads of the partitions that have a part in these skus; all others stand at 0.
Heads heads_of(const Heads& heads, const std::vector<kernel::Sku>& skus, std::int32_t partitions) {
    Heads own(static_cast<std::size_t>(partitions));
    for (const auto& sku : skus) {
        const auto p =
            static_cast<std::size_t>(eventstore::partition_of(sku.value(), partitions).value());
        if (p < heads.size()) own[p] = heads[p];
    }
    return own;
}

// Nothing if one of them cannot be had from Redis.
std::optional<Answer<std::vector<Product>>> all_cached(Reading& reading,
                                                       const std::vector<kernel::Sku>& skus,
                                                       const ReadRequest& request) {
    if (skus.size() > asked_of_redis_max) return std::nullopt;
    Answer<std::vector<Product>> all;
    all.heads.resize(static_cast<std::size_t>(reading.partitions));
    for (const auto& sku : skus) {
        auto one = redis::cached<Product>(reading, projection(), sku.value(), request, from_json);
        if (!one) return std::nullopt;
        for (std::size_t p = 0; p < all.heads.size(); ++p)
            all.heads[p] = std::max(all.heads[p], one->heads[p]);
        if (one->parked) ++all.parked_keys;
        all.value.push_back(*std::move(one->value));
    }
    return all;
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

ReadResult<std::vector<Product>> find_all(Reading& reading, const std::vector<kernel::Sku>& skus,
                                          const ReadRequest& request) {
    if (auto cached = all_cached(reading, skus, request)) return std::move(*cached);
    std::vector<std::string> keys;
    for (const auto& sku : skus) keys.push_back(sku.value());
    auto own = request;
    own.wanted = heads_of(request.wanted, skus, reading.partitions);
    std::int64_t parked = 0;
    auto answer = read(reading, projection(), std::nullopt, own, [&](Snapshot& snapshot) {
        const auto rows = snapshot.query(sql::find_products, pq::Params().text_array(keys));
        std::vector<Product> products;
        for (int i = 0; i < rows.size(); ++i) products.push_back(product_in(rows, i));
        parked = snapshot
                     .query(sql::count_parked_skus,
                            pq::Params().text(projection().name).text_array(keys))
                     .int8(0, 0);
        return products;
    });
    if (answer) {
        answer->heads = heads_of(answer->heads, skus, reading.partitions);
        answer->parked_keys = parked;
    }
    return answer;
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
