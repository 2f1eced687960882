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

// The sum, or the last number of 64 bits: no order is that large, but an event may say it is.
std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    using Limits = std::numeric_limits<std::int64_t>;
    return b < 0 ? Limits::min() : Limits::max();
}

Sum sum_of(const order::Placed& fact) {
    Sum sum{0, fact.total.amount};
    for (const auto& line : fact.lines) sum.units += line.quantity.value();
    return sum;
}

Changes changes_of(const order::Placed& fact, const StoredEvent&) {
    const auto day = kernel::days(fact.placed_at).value();
    const std::string currency(fact.total.currency.code());
    const std::int64_t one = 1;
    const auto all = sum_of(fact);
    Changes changes{merge(by_day, {{"basis", "placed"},
                                   {"day", day},
                                   {"currency", currency},
                                   {"orders", one},
                                   {"units", all.units},
                                   {"revenue", all.revenue}})};
    // An order counts once for a department, however many of its lines are of it.
    std::map<std::string, Sum> departments;
    for (const auto& line : fact.lines) {
        auto& department = departments[line.department.value_or("")];
        department.units += line.quantity.value();
        department.revenue = plus(department.revenue, line.total.amount);
        changes.push_back(merge(by_sku, {{"basis", "placed"},
                                         {"sku", line.sku.value()},
                                         {"day", day},
                                         {"currency", currency},
                                         {"orders", one},
                                         {"units", line.quantity.value()},
                                         {"revenue", line.total.amount}}));
    }
    for (const auto& [department, sum] : departments)
        changes.push_back(merge(by_department, {{"basis", "placed"},
                                                {"department", department},
                                                {"day", day},
                                                {"currency", currency},
                                                {"orders", one},
                                                {"units", sum.units},
                                                {"revenue", sum.revenue}}));
    return changes;
}

// Not subscribed: what becomes of an order changes nothing of what was placed.
Changes changes_of(const auto&, const StoredEvent&) { return {}; }

}  // namespace

const Projection& projection() {
    static const Projection sales{.name = "sales",
                                  .definition = 1,
                                  .event_types = {"order.placed"},
                                  .tables = {&by_day, &by_department, &by_sku},
                                  .changes_of =
                                      [](const StoredEvent& event, Earlier) {
                                          return decoded(
                                              event, schemas::order::decode,
                                              [](const auto& fact, const StoredEvent& stored) {
                                                  return changes_of(fact, stored);
                                              });
                                      },
                                  .knows = in_catalogue};
    return sales;
}

}  // namespace skald::projections::sales
