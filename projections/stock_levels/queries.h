// Reads how much of a sku there is. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/kernel/ids.h"
#include "projections/reading/reading.h"

namespace skald::projections::stock_levels {

// In units. What is held or allocated is still on hand; what is neither is available.
struct StockLevel {
    kernel::Sku sku;
    std::int64_t on_hand = 0;
    std::int64_t held = 0;
    std::int64_t allocated = 0;
    eventstore::Version version;
    std::int64_t available() const { return on_hand - held - allocated; }
    friend bool operator==(const StockLevel&, const StockLevel&) = default;
};

// Nothing if the sku never had stock. Redis answers if it is new enough, else PostgreSQL.
ReadResult<std::optional<StockLevel>> find(Reading& reading, const kernel::Sku& sku,
                                           const ReadRequest& request);

}  // namespace skald::projections::stock_levels
