#include "projections/sales/projection.h"

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
    std::int64_t units = 0;
    std::int64_t revenue = 0;
};

using Limits = std::numeric_limits<std::int64_t>;

// The sum, or the last number of 64 bits: no order is that large, but an event may say it is.
std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b < 0 ? Limits::min() : Limits::max();
}

// The number, or its negative where `one` is -1: what is taken back was counted before.
std::int64_t signed_by(std::int64_t one, std::int64_t number) {
    if (one > 0) return number;
    return number == Limits::min() ? Limits::max() : -number;
}

Sum sum_of(const order::Placed& fact) {
    Sum sum{0, fact.total.amount};
    for (const auto& line : fact.lines) sum.units += line.quantity.value();
    return sum;
}

// The order counted on that basis, or no longer counted: `one` is 1 or -1.
Changes counted(const char* basis, const order::Placed& fact, std::int64_t one) {
    const auto day = kernel::days(fact.placed_at).value();
    const std::string currency(fact.total.currency.code());
    const auto all = sum_of(fact);
    Changes changes{merge(by_day, {{"basis", basis},
                                   {"day", day},
                                   {"currency", currency},
                                   {"orders", one},
                                   {"units", signed_by(one, all.units)},
                                   {"revenue", signed_by(one, all.revenue)}})};
    // An order counts once for a department, however many of its lines are of it.
    std::map<std::string, Sum> departments;
    for (const auto& line : fact.lines) {
        auto& department = departments[line.department.value_or("")];
        department.units += line.quantity.value();
        department.revenue = plus(department.revenue, line.total.amount);
        changes.push_back(merge(by_sku, {{"basis", basis},
                                         {"sku", line.sku.value()},
                                         {"day", day},
                                         {"currency", currency},
                                         {"orders", one},
                                         {"units", signed_by(one, line.quantity.value())},
                                         {"revenue", signed_by(one, line.total.amount)}}));
    }
    for (const auto& [department, sum] : departments)
        changes.push_back(merge(by_department, {{"basis", basis},
                                                {"department", department},
                                                {"day", day},
                                                {"currency", currency},
                                                {"orders", one},
                                                {"units", signed_by(one, sum.units)},
                                                {"revenue", signed_by(one, sum.revenue)}}));
    return changes;
}

order::Placed placed_in(Earlier earlier) {
    auto placed = facts_in<order::Placed>(earlier, schemas::order::decode);
    kernel::possible(placed.size() == 1, "nothing was placed before");
    return std::move(placed.front());
}

Changes changes_of(const order::Placed& fact, const StoredEvent&, Earlier) {
    return counted("placed", fact, 1);
}

Changes changes_of(const order::Confirmed&, const StoredEvent&, Earlier earlier) {
    return counted("sold", placed_in(earlier), 1);
}

// One that never was confirmed never was sold.
Changes changes_of(const order::Cancelled&, const StoredEvent&, Earlier earlier) {
    if (facts_in<order::Confirmed>(earlier, schemas::order::decode).empty()) return {};
    return counted("sold", placed_in(earlier), -1);
}

// Not subscribed: neither what was placed nor what was sold changes by it.
Changes changes_of(const auto&, const StoredEvent&, Earlier) { return {}; }

}  // namespace

const Projection& projection() {
    static const Projection sales{
        .name = "sales",
        .definition = 2,
        .event_types = {"order.placed", "order.confirmed", "order.cancelled"},
        .tables = {&by_day, &by_department, &by_sku},
        .look_backs = {{"order.confirmed", {"order.placed"}},
                       {"order.cancelled", {"order.placed", "order.confirmed"}}},
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
