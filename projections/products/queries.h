// Reads products: one by its sku, or the list of those that are not archived. Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"
#include "projections/reading/snapshot.h"

namespace skald::projections::products {

struct Product {
    kernel::Sku sku;
    std::string title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    kernel::Money price;
    bool ships = true;
    bool archived = false;
    eventstore::Version version;
    kernel::Timestamp created_at;
    kernel::Timestamp updated_at;
    friend bool operator==(const Product&, const Product&) = default;
};

struct Filter {
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    int count() const { return department.has_value() + category.has_value() + brand.has_value(); }
};

// Ties are broken by sku, in the same direction. `price` sorts by the amount alone.
enum class SortBy { created_at, sku, price, title };

struct Listing {
    Filter filter;
    SortBy sort = SortBy::created_at;
    bool descending = true;
    KeysetPage page;
};

// An archived product is found too. Redis answers if it is new enough, else PostgreSQL.
ReadResult<std::optional<Product>> find(Reading& reading, const kernel::Sku& sku,
                                        const ReadRequest& request);
// Keys are skus. Those that Redis has, and those that PostgreSQL has.
Together<Product> find_cached(Reading& reading, std::span<const AskedThing> asked);
Together<Product> find_together(Reading& reading, std::span<const AskedThing> asked);
// Those of the skus that there are, archived ones too, in no order; only their partitions have to
// be new enough. `parked_keys` counts the skus that are held back. Redis answers if it has
// all of them, else PostgreSQL.
ReadResult<std::vector<Product>> find_all(Reading& reading, const std::vector<kernel::Sku>& skus,
                                          const ReadRequest& request);
// Archived products are left out.
ReadResult<Page<Product>> list(Reading& reading, const Listing& listing,
                               const ReadRequest& request);
PagesTogether<Product> list_together(Reading& reading, std::span<const Listing> listings);

}  // namespace skald::projections::products
