#include "projections/sales/queries.h"

#include "projections/reading/page_query.h"
#include "projections/reading/snapshot.h"
#include "projections/sales/projection.h"
#include "projections/sql.h"

namespace skald::projections::sales {
namespace {

struct Report {
    std::string_view sql;
    SortKey group;
};

Report report_by(GroupBy by) {
    switch (by) {
        case GroupBy::day:
            return {sql::report_by_day, {"s.day", KeyType::day}};
        case GroupBy::department:
            return {sql::report_by_department, {"s.department", KeyType::text}};
        case GroupBy::sku:
            break;
    }
    return {sql::report_by_sku, {"s.sku", KeyType::text}};
}

// A department of '' is none: no product's department is empty.
Row row_in(const pq::Rows& rows, int i, GroupBy by) {
    Row row;
    switch (by) {
        case GroupBy::day:
            row.day = kernel::Day(rows.int4(i, 0));
            break;
        case GroupBy::department:
            if (auto department = rows.text(i, 0); !department.empty())
                row.department = std::move(department);
            break;
        case GroupBy::sku:
            row.sku = kernel::Sku(rows.text(i, 0));
            break;
    }
    row.orders = rows.int8(i, 2);
    row.units = rows.int8(i, 3);
    row.revenue = {rows.int8(i, 4), kernel::Currency::make(rows.text_view(i, 1)).value()};
    return row;
}

KeyValues keys_of(const Row& row, GroupBy by) {
    const std::string currency(row.revenue.currency.code());
    switch (by) {
        case GroupBy::day:
            return {std::to_string(row.day->value()), currency};
        case GroupBy::department:
            return {row.department.value_or(""), currency};
        case GroupBy::sku:
            break;
    }
    return {row.sku->value(), currency};
}

}  // namespace

ReadResult<Page<Row>> report(Reading& reading, const Listing& listing, const ReadRequest& request) {
    const auto by = report_by(listing.by);
    PageQuery query({by.group, {"s.currency", KeyType::text}}, listing.descending, listing.page);
    query.where("s.basis = ?", listing.basis == Basis::placed ? "placed" : "sold");
    if (listing.from) query.where_day("s.day >= ?", listing.from->value());
    if (listing.to) query.where_day("s.day < ?", listing.to->value());
    const auto statement = query.asked(by.sql);
    return read_list(reading, projection(), request, statement, [&](const Found& found) {
        std::vector<Row> groups;
        for (int i = 0; i < found.size; ++i) groups.push_back(row_in(found.rows, i, listing.by));
        return page_of(std::move(groups), listing.page,
                       [&](const Row& row) { return keys_of(row, listing.by); });
    });
}

}  // namespace skald::projections::sales
