// Reads one cart: whose it is, what is in it, and the order it became. Thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/portion.h"
#include "domain/kernel/time.h"
#include "projections/reading/reading.h"

namespace skald::projections::carts {

struct Cart {
    kernel::CartId id;
    std::optional<kernel::AccountId> account;
    std::optional<kernel::OrderId> order;  // since it was checked out
    std::vector<kernel::Portion> items;    // in the order of their skus
    eventstore::Version version;
    kernel::Timestamp created_at;
    kernel::Timestamp updated_at;
    friend bool operator==(const Cart&, const Cart&) = default;
};

// PostgreSQL answers, by primary key: Redis has no carts (decision 5).
ReadResult<std::optional<Cart>> find(Reading& reading, const kernel::CartId& id,
                                     const ReadRequest& request);

}  // namespace skald::projections::carts
