#include "api/routes/stock.h"

#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "api/routes/query_route.h"
#include "commands/stock.h"
#include "domain/kernel/text.h"
#include "projections/products/queries.h"
#include "projections/stock_levels/queries.h"

namespace skald::routes {

struct ReceiveStock {
    std::int64_t quantity = 0;
    std::optional<std::string> reference;
};
BOOST_DESCRIBE_STRUCT(ReceiveStock, (), (quantity, reference))

struct AdjustStock {
    std::int64_t delta = 0;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(AdjustStock, (), (delta, reason))

struct StockLevel {
    std::string sku;
    std::int64_t on_hand = 0;
    std::int64_t held = 0;
    std::int64_t allocated = 0;
    std::int64_t available = 0;
};
BOOST_DESCRIBE_STRUCT(StockLevel, (), (sku, on_hand, held, allocated, available))

constexpr std::int64_t receipt_max = 1'000'000'000;  // units; far above any one delivery

json::Rules rules_for(json::Tag<ReceiveStock>) {
    return {{"quantity", json::integer(1, receipt_max)},
            {"reference",
             json::text(1, kernel::label_bytes_max).about("such as the delivery note's number")}};
}
json::Rules rules_for(json::Tag<AdjustStock>) {
    return {{"delta", json::integer(-receipt_max, receipt_max).about("not 0")},
            {"reason", json::text(1, kernel::label_bytes_max)}};
}
void check(const ReceiveStock& it, json::Findings& findings) {
    check_bytes("/reference", it.reference, kernel::label_bytes_max, findings);
}
void check(const AdjustStock& it, json::Findings& findings) {
    if (it.delta == 0) findings.add("/delta", "zero", "must not be 0");
    check_bytes("/reason", it.reason, kernel::label_bytes_max, findings);
}

namespace {

StockLevel shown(const projections::stock_levels::StockLevel& row) {
    return {.sku = row.sku.value(),
            .on_hand = row.on_hand,
            .held = row.held,
            .allocated = row.allocated,
            .available = row.available()};
}

// A product that never had stock has none of it: the level is 0, and so is its version.
Result<http::Response, http::Problem> get(const http::Request& request, const Services& services) {
    auto opening = opening_of<kernel::Sku>(request, services, "product");
    if (!opening) return unexpected(std::move(opening.error()));
    const auto& [sku, asked] = *opening;
    auto level = projections::stock_levels::find(*services.reading, sku, asked.request);
    if (!level) return unexpected(lagging(level.error()));
    if (!level->value) {
        const auto product = projections::products::find(*services.reading, sku, asked.request);
        if (!product) return unexpected(lagging(product.error()));
        if (level->parked) return unexpected(absent("stock", sku.value(), services, asked, *level));
        if (!product->value) {
            return unexpected(absent("product", sku.value(), services, asked, *product));
        }
        level->value.emplace().sku = sku;
    }
    return thing(request, services, asked, *level, level->value->version,
                 json::to_text(shown(*level->value)));
}

}  // namespace

std::vector<http::Route> stock_routes(const Services& services) {
    const CommandSpec done{.target = "product"};
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/v1/stock/{sku}",
         .handler = guarded([&services](const auto& request) { return get(request, services); }),
         .doc = http::thing_doc({.tag = "stock",
                                 .summary = "How many units of a product there are",
                                 .description = "available = on_hand - held - allocated.",
                                 .answers = {{200, "the levels", json::shape<StockLevel>()}}})});
    routes.push_back(
        {.method = "POST",
         .path = "/v1/stock/{sku}/receipts",
         .handler = command_with_body<ReceiveStock>(
             services, done,
             [&services](const auto& request, ReceiveStock&& body, const auto& context,
                         auto reply) {
                 services.executor->submit(
                     commands::receive_stock(context, kernel::Sku(request.parameter("sku")),
                                             {.quantity = kernel::Quantity::of(body.quantity),
                                              .reference = body.reference}),
                     std::move(reply));
             }),
         .doc = http::command_doc({.tag = "stock",
                                   .summary = "Goods came in",
                                   .body = json::shape<ReceiveStock>(),
                                   .answers = {done_doc(done, "added to what is on hand")}})});
    routes.push_back(
        {.method = "POST",
         .path = "/v1/stock/{sku}/adjustments",
         .handler = command_with_body<AdjustStock>(
             services, done,
             [&services](const auto& request, AdjustStock&& body, const auto& context, auto reply) {
                 services.executor->submit(
                     commands::adjust_stock(
                         context, kernel::Sku(request.parameter("sku")),
                         {.delta = kernel::Quantity::of(body.delta), .reason = body.reason}),
                     std::move(reply));
             }),
         .doc = http::command_doc({.tag = "stock",
                                   .summary = "Corrects what is on hand, after counting",
                                   .body = json::shape<AdjustStock>(),
                                   .answers = {done_doc(done, "corrected")}})});
    return routes;
}

}  // namespace skald::routes
