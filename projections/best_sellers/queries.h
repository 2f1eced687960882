// The ranking of skus by units placed in the last days. Thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/kernel/ids.h"
#include "domain/kernel/time.h"
#include "projections/reading/reading.h"

namespace skald::projections::best_sellers {

inline constexpr std::int32_t rank_max = 100;

struct Row {
    kernel::Sku sku;
    std::int64_t orders = 0;
    std::int64_t units = 0;
    friend bool operator==(const Row&, const Row&) = default;
};

// The `limit` (at most rank_max) skus with most units in orders placed on the `days` UTC days that
// end with `today`, most units first, ties by sku. Redis answers if it is new enough, else
// PostgreSQL.
ReadResult<std::vector<Row>> top(Reading& reading, kernel::Day today, std::int32_t days,
                                 std::int32_t limit, const ReadRequest& request);

}  // namespace skald::projections::best_sellers
