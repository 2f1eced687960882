// The sales report: orders, units and revenue by day, department or sku. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"
#include "domain/kernel/time.h"
#include "projections/reading/reading.h"

namespace skald::projections::sales {

enum class GroupBy { day, department, sku };
// Placed: all placed orders. Sold: the confirmed ones that were not cancelled.
enum class Basis { placed, sold };

// One group and one currency. Of day, department and sku only the one grouped by is filled;
// department may be empty even then: products without one. `orders` counts the orders with at least
// one such line. Revenue beyond 64 bits is shown as the last number within.
struct Row {
    std::optional<kernel::Day> day;
    std::optional<std::string> department;
    std::optional<kernel::Sku> sku;
    std::int64_t orders = 0;
    std::int64_t units = 0;
    kernel::Money revenue;
    friend bool operator==(const Row&, const Row&) = default;
};

// Days are UTC days of placing; `from` is inclusive, `to` exclusive. By group and currency, the
// group in the direction asked for (days: newest first is the custom; products without department
// before all departments when ascending), ties by currency in the same direction.
struct Listing {
    GroupBy by = GroupBy::day;
    Basis basis = Basis::placed;
    std::optional<kernel::Day> from;
    std::optional<kernel::Day> to;
    bool descending = false;
    KeysetPage page;
};

ReadResult<Page<Row>> report(Reading& reading, const Listing& listing, const ReadRequest& request);

}  // namespace skald::projections::sales
