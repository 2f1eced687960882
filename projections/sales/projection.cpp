#include "projections/sales/projection.h"

#include <algorithm>
#include <limits>
#include <map>

#include "domain/kernel/time.h"
#include "projections/decoded.h"
#include "projections/sql.h"
#include "schemas/order/codec.h"

namespace skald::projections::sales {
namespace {

using eventstore::StoredEvent;

// The columns behind the key, which begins with basis and the group.
std::vector<Column> columns(std::initializer_list<Column> key) {
    std::vector<Column> all(key);
    all.insert(all.end(), {{"orders", ColumnType::int8, Merge::sum},
                           {"units", ColumnType::int8, Merge::sum},
                           {"revenue", ColumnType::int8, Merge::sum}});
    return all;
}

const Table by_day{.name = "sales_by_day",
                   .create = sql::sales_by_day_table,
                   .key_columns = 3,
                   .key_has_partition = true,
                   .columns = columns({{"basis"}, {"day", ColumnType::day}, {"currency"}})};

const Table by_department{
    .name = "sales_by_department",
    .create = sql::sales_by_department_table,
    .key_columns = 4,
    .key_has_partition = true,
    .columns = columns({{"basis"}, {"department"}, {"day", ColumnType::day}, {"currency"}})};

const Table by_sku{
    .name = "sales_by_sku",
    .create = sql::sales_by_sku_table,
    .key_columns = 4,
    .key_has_partition = true,
    .columns = columns({{"basis"}, {"sku"}, {"day", ColumnType::day}, {"currency"}})};

struct Sum {
    std::int64_t orders = 0;
    std::int64_t units = 0;
    std::int64_t revenue = 0;
    bool operator==(const Sum&) const = default;
};

using Limits = std::numeric_limits<std::int64_t>;

// The sum, or the last number of 64 bits: no order is that large, but an event may say it is.
std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b < 0 ? Limits::min() : Limits::max();
}
std::int64_t minus(std::int64_t a, std::int64_t b) {
    return plus(a, b == Limits::min() ? Limits::max() : -b);
}
Sum minus(const Sum& a, const Sum& b) {
    return {minus(a.orders, b.orders), minus(a.units, b.units), minus(a.revenue, b.revenue)};
}

// What an order counts for: as a whole, by its lines, by its departments. It counts once for a
// department, however many of its lines are of it, and not at all where it has no unit.
struct Counts {
    Sum all;
    std::vector<Sum> lines;
    std::map<std::string, Sum> departments;
};

Counts counts_of(const order::Placed& fact) {
    Counts counts;
    counts.all.revenue = fact.total.amount;
    for (const auto& line : fact.lines) {
        const std::int64_t one = line.quantity > 0 ? 1 : 0;
        counts.lines.push_back({one, line.quantity.value(), line.total.amount});
        auto& department = counts.departments[line.department.value_or("")];
        department.revenue = plus(department.revenue, line.total.amount);
        for (auto* sum : {&counts.all, &department}) {
            sum->orders = std::max(sum->orders, one);
            sum->units += line.quantity.value();
        }
    }
    return counts;
}

// Of the same lines.
Counts minus(const Counts& a, const Counts& b) {
    Counts counts{minus(a.all, b.all), {}, {}};
    for (std::size_t i = 0; i < a.lines.size(); ++i)
        counts.lines.push_back(minus(a.lines[i], b.lines[i]));
    for (const auto& [department, sum] : a.departments)
        counts.departments.emplace(department, minus(sum, b.departments.at(department)));
    return counts;
}
Counts negative(Counts counts) {
    counts.all = minus(Sum(), counts.all);
    for (auto& sum : counts.lines) sum = minus(Sum(), sum);
    for (auto& [department, sum] : counts.departments) sum = minus(Sum(), sum);
    return counts;
}

// The order counted for so much more on that basis.
Changes counted(const char* basis, const order::Placed& fact, const Counts& counts) {
    const auto day = kernel::days(fact.placed_at).value();
    const std::string currency(fact.total.currency.code());
    Changes changes{merge(by_day, {{"basis", basis},
                                   {"day", day},
                                   {"currency", currency},
                                   {"orders", counts.all.orders},
                                   {"units", counts.all.units},
                                   {"revenue", counts.all.revenue}})};
    for (std::size_t i = 0; i < fact.lines.size(); ++i) {
        const auto& sum = counts.lines[i];
        if (sum == Sum()) continue;
        changes.push_back(merge(by_sku, {{"basis", basis},
                                         {"sku", fact.lines[i].sku.value()},
                                         {"day", day},
                                         {"currency", currency},
                                         {"orders", sum.orders},
                                         {"units", sum.units},
                                         {"revenue", sum.revenue}}));
    }
    for (const auto& [department, sum] : counts.departments) {
        if (sum == Sum()) continue;
        changes.push_back(merge(by_department, {{"basis", basis},
                                                {"department", department},
                                                {"day", day},
                                                {"currency", currency},
                                                {"orders", sum.orders},
                                                {"units", sum.units},
                                                {"revenue", sum.revenue}}));
    }
    return changes;
}

order::Placed placed_in(Earlier earlier) {
    auto placed = facts_in<order::Placed>(earlier, schemas::order::decode);
    kernel::possible(placed.size() == 1, "nothing was placed before");
    return std::move(placed.front());
}

Changes changes_of(const order::Placed& fact, const StoredEvent&, Earlier) {
    return counted("placed", fact, counts_of(fact));
}

Changes changes_of(const order::Confirmed&, const StoredEvent&, Earlier earlier) {
    const auto placed = placed_in(earlier);
    return counted("sold", placed, counts_of(placed));
}

// One that never was confirmed never was sold.
Changes changes_of(const order::Cancelled&, const StoredEvent&, Earlier earlier) {
    if (facts_in<order::Confirmed>(earlier, schemas::order::decode).empty()) return {};
    const auto placed = placed_in(earlier);
    return counted("sold", placed, negative(counts_of(placed)));
}

// What is left is sold: of a sku, or a department, of which nothing is, the order is none.
Changes changes_of(const order::RestCancelled& fact, const StoredEvent&, Earlier earlier) {
    const auto placed = placed_in(earlier);
    auto left = placed;
    left.total.amount = minus(left.total.amount, fact.total.amount);
    for (auto& line : left.lines) {
        const auto rest = std::ranges::find(fact.lines, line.sku, &kernel::Portion::sku);
        if (rest == fact.lines.end()) continue;
        const auto cost = multiply(line.unit_price, rest->quantity.value());
        kernel::possible(rest->quantity <= line.quantity && cost, "a rest of more than was placed");
        line.quantity -= rest->quantity;
        line.total.amount -= cost->amount;
    }
    return counted("sold", placed, minus(counts_of(left), counts_of(placed)));
}

// Not subscribed: neither what was placed nor what was sold changes by it.
Changes changes_of(const auto&, const StoredEvent&, Earlier) { return {}; }

}  // namespace

const Projection& projection() {
    static const Projection sales{
        .name = "sales",
        .definition = 2,
        .event_types = {"order.placed", "order.confirmed", "order.cancelled",
                        "order.rest_cancelled"},
        .tables = {&by_day, &by_department, &by_sku},
        .look_backs = {{"order.confirmed", {"order.placed"}},
                       {"order.cancelled", {"order.placed", "order.confirmed"}},
                       {"order.rest_cancelled", {"order.placed"}}},
        .changes_of =
            [](const StoredEvent& event, Earlier earlier) {
                return decoded(event, schemas::order::decode,
                               [&](const auto& fact, const StoredEvent& stored) {
                                   return changes_of(fact, stored, earlier);
                               });
            },
        .knows = in_catalogue};
    return sales;
}

}  // namespace skald::projections::sales
