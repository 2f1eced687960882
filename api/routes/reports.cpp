#include "api/routes/reports.h"

#include "api/json/time.h"
#include "api/routes/checks.h"
#include "api/routes/query_route.h"
#include "projections/best_sellers/queries.h"
#include "projections/sales/queries.h"

namespace skald::routes {

struct SalesOfDay {
    std::string day;
    std::int64_t orders = 0;
    std::int64_t units = 0;
    json::Money revenue;
};
BOOST_DESCRIBE_STRUCT(SalesOfDay, (), (day, orders, units, revenue))

struct SalesOfDepartment {
    std::optional<std::string> department;
    std::int64_t orders = 0;
    std::int64_t units = 0;
    json::Money revenue;
};
BOOST_DESCRIBE_STRUCT(SalesOfDepartment, (), (department, orders, units, revenue))

struct SalesOfSku {
    std::string sku;
    std::int64_t orders = 0;
    std::int64_t units = 0;
    json::Money revenue;
};
BOOST_DESCRIBE_STRUCT(SalesOfSku, (), (sku, orders, units, revenue))

struct BestSeller {
    std::string sku;
    std::int64_t orders = 0;
    std::int64_t units = 0;
};
BOOST_DESCRIBE_STRUCT(BestSeller, (), (sku, orders, units))

namespace {

namespace sales = projections::sales;
namespace best_sellers = projections::best_sellers;

SalesOfDay of_day(const sales::Row& row) {
    return {json::format_date_days(row.day.value().value()), row.orders, row.units,
            shown(row.revenue)};
}
SalesOfDepartment of_department(const sales::Row& row) {
    return {row.department, row.orders, row.units, shown(row.revenue)};
}
SalesOfSku of_sku(const sales::Row& row) {
    return {row.sku.value().value(), row.orders, row.units, shown(row.revenue)};
}

// Sales are kept by day: a time within a day would have to cut one in two.
std::optional<kernel::Day> day(http::Parameters& parameters, std::string_view name) {
    const auto us = parameters.time_us(name);
    if (!us) return std::nullopt;
    if (*us % kernel::microseconds_per_day != 0) {
        parameters.add_issue(name, "not_a_day",
                             "must be a date or its midnight UTC: sales are kept by day");
        return std::nullopt;
    }
    return kernel::days(kernel::Timestamp(*us));
}

http::ListOrder order_by(const std::string& by) { return {{by}, by == "day" ? "-day" : by}; }

Result<http::Response, http::Problem> sales_report(const http::Request& request,
                                                   const Services& services) {
    http::Parameters parameters(request);
    sales::Listing listing;
    const auto by = parameters.one_of("by", {"day", "department", "sku"}, "day");
    const auto basis = parameters.one_of("basis", {"placed", "sold"}, "placed");
    listing.from = day(parameters, "from");
    listing.to = day(parameters, "to");
    const auto query = http::read_list(parameters, order_by(by), *services.cursors);
    if (!query) return unexpected(query.error());
    const auto asked = asked_of(request, services);
    if (!asked) return unexpected(asked.error());
    listing.by = by == "day"          ? sales::GroupBy::day
                 : by == "department" ? sales::GroupBy::department
                                      : sales::GroupBy::sku;
    listing.basis = basis == "placed" ? sales::Basis::placed : sales::Basis::sold;
    listing.descending = query->descending;
    listing.page = keyset_of(*query);
    auto answer = sales::report(*services.reading, listing, asked->request);
    if (!answer) return unexpected(lagging(answer.error()));
    if (by == "day") return page(services, *asked, *query, *answer, of_day);
    if (by == "department") return page(services, *asked, *query, *answer, of_department);
    return page(services, *asked, *query, *answer, of_sku);
}

Result<http::Response, http::Problem> best(const http::Request& request, const Services& services) {
    http::Parameters parameters(request);
    const auto days = parameters.integer("days", 1, 3650).value_or(30);
    const auto limit =
        parameters.integer("limit", 1, best_sellers::rank_max).value_or(http::page_limit_default);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    const auto asked = asked_of(request, services);
    if (!asked) return unexpected(asked.error());
    const auto today = kernel::days(kernel::Timestamp(now_us()));
    const auto answer = best_sellers::top(*services.reading, today, static_cast<std::int32_t>(days),
                                          static_cast<std::int32_t>(limit), asked->request);
    if (!answer) return unexpected(lagging(answer.error()));
    http::Page<BestSeller> shown;
    for (const auto& row : answer->value) {
        shown.data.push_back({row.sku.value(), row.orders, row.units});
    }
    shown.pagination.limit = limit;
    return with_freshness(http::json_response(200, json::to_text(shown)), services, *asked,
                          *answer);
}

http::RouteDoc sales_doc() {
    http::RouteDoc doc{
        .tag = "reports",
        .summary = "Orders, units and revenue by day, department or sku",
        .description =
            "A row per group and currency. placed counts all placed orders by the UTC day of "
            "placing, sold the confirmed ones that were not cancelled. Sorted by the group: days "
            "newest first, the others from the first on; ?sort= takes the name of the group. "
            "Products without department have department null.",
        .parameters = http::list_parameter_docs({{"day", "department", "sku"}, "-day"}),
        .answers = {{200, "a page of the rows of by=day; other groups have their name in its place",
                     json::shape<http::Page<SalesOfDay>>()}}};
    doc.parameters.push_back(
        {.name = "by",
         .description = "day by default",
         .schema = json::text_schema(json::one_of({"day", "department", "sku"}))});
    doc.parameters.push_back({.name = "basis",
                              .description = "placed by default",
                              .schema = json::text_schema(json::one_of({"placed", "sold"}))});
    doc.parameters.push_back({.name = "from", .description = "this day (UTC) or later"});
    doc.parameters.push_back({.name = "to", .description = "before this day (UTC)"});
    return doc;
}

}  // namespace

std::vector<http::Route> report_routes(const Services& services) {
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .path = "/v1/reports/sales",
                      .handler = guarded([&services](const auto& request) {
                          return sales_report(request, services);
                      }),
                      .doc = http::query_doc(sales_doc())});
    routes.push_back(
        {.method = "GET",
         .path = "/v1/reports/best_sellers",
         .handler = guarded([&services](const auto& request) { return best(request, services); }),
         .doc = http::query_doc(
             {.tag = "reports",
              .summary = "The skus with most units in orders placed on the last days",
              .parameters = {{.name = "days",
                              .description = "UTC days that end with today, 30 by default",
                              .schema = json::integer_schema(json::integer(1, 3650))},
                             {.name = "limit",
                              .description = "how many, 20 by default",
                              .schema =
                                  json::integer_schema(json::integer(1, best_sellers::rank_max))}},
              .answers = {{200, "the most sold first", json::shape<http::Page<BestSeller>>()}}})});
    return routes;
}

}  // namespace skald::routes
