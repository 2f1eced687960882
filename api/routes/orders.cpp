#include "api/routes/orders.h"

#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "api/routes/order_bodies.h"
#include "api/routes/order_outcome.h"
#include "api/routes/query_route.h"
#include "api/routes/together.h"
#include "commands/orders.h"

namespace skald::routes {
namespace {

namespace read_model = projections::orders;

void place(const Services& services, PlaceOrder&& body, const commands::CommandContext& context,
           eventstore::Reply reply) {
    commands::OrderRequest order{.account = kernel::AccountId(std::move(body.account_id)),
                                 .lines = {},
                                 .payment_method = std::move(body.payment.method)};
    order.lines.reserve(body.lines.size());
    for (auto& line : body.lines) {
        order.lines.push_back(
            {kernel::Sku(std::move(line.sku)), kernel::Quantity::of(line.quantity)});
    }
    services.executor->submit(commands::place_order(context, std::move(order)), std::move(reply));
}

const http::ListOrder order{{"placed_at"}, "-placed_at"};

json::Rule status_rule() {
    return json::one_of(
        {"pending", "confirmed", "rejected", "shipped", "completed", "cancelling", "cancelled"});
}

std::optional<kernel::Timestamp> time(http::Parameters& parameters, std::string_view name) {
    const auto us = parameters.time_us(name);
    return us ? std::optional(kernel::Timestamp(*us)) : std::nullopt;
}

Result<PageAsked<read_model::Listing>, http::Problem> open_page(const http::Request& request,
                                                                const Services& services) {
    http::Parameters parameters(request);
    read_model::Listing listing;
    auto& filter = listing.filter;
    const auto account = parameters.text("account_id", account_id_rule());
    if (account) filter.account = kernel::AccountId(*account);
    filter.status = parameters.text("status", status_rule());
    filter.from = time(parameters, "from");
    filter.to = time(parameters, "to");
    auto query = http::read_list(parameters, order, *services.cursors);
    if (!query) return unexpected(std::move(query.error()));
    listing.descending = query->descending;
    listing.page = keyset_of(*query);
    return PageAsked<read_model::Listing>{std::move(listing), std::move(*query)};
}

http::RouteDoc list_doc() {
    http::RouteDoc doc{.tag = "orders",
                       .summary = "Orders, newest first, without their lines",
                       .parameters = http::list_parameter_docs(order),
                       .answers = {{200, "a page", json::shape<http::Page<OrderSummary>>()}}};
    doc.parameters.push_back({.name = "account_id", .description = "of this account"});
    doc.parameters.push_back({.name = "status",
                              .description = "in this status",
                              .schema = json::text_schema(status_rule())});
    doc.parameters.push_back(
        {.name = "from", .description = "placed at this time or date (UTC), or later"});
    doc.parameters.push_back({.name = "to", .description = "placed before this time or date"});
    return doc;
}

}  // namespace

std::vector<http::Route> order_routes(const Services& services) {
    const auto placed = placing_spec(services);
    const auto shown_order = [](const read_model::Order& row) { return shown(row); };
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/v1/orders",
         .handler = command_with_body<PlaceOrder>(
             services, placed,
             [&services](const auto&, PlaceOrder&& body, const auto& context, auto reply) {
                 place(services, std::move(body), context, std::move(reply));
             }),
         .doc = placing_doc(
             placed, {.tag = "orders",
                      .summary = "Places an order",
                      .description = "Title, department and unit price of each line are frozen as "
                                     "the product has them now. The answer comes before the "
                                     "outcome is known, unless Prefer: wait asks for that.",
                      .body = json::shape<PlaceOrder>()})});
    routes.push_back(
        {.method = "GET",
         .path = "/v1/orders",
         .handler = one_page(services, open_page, read_model::list,
                             [](const read_model::Order& row) { return summary(row); }),
         .doc = http::query_doc(list_doc()),
         .together = {pages_together(services, open_page, read_model::list_together,
                                     [](const read_model::Order& row) { return summary(row); })}});
    routes.push_back(
        {.method = "GET",
         .path = "/v1/orders/{id}",
         .handler = one_thing(services, "order", read_model::find,
                              [](const read_model::Order& row) { return shown(row); }),
         .doc = http::thing_doc({.tag = "orders",
                                 .summary = "One order, with its lines and what happened to it",
                                 .description =
                                     "Of a line's quantity, what is neither shipped nor cancelled "
                                     "is kept for the order. payment.id is there once the order "
                                     "was confirmed. cancelled_total is what the cancelled units "
                                     "cost: not owed any more. refund_due is what its "
                                     "cancellation and its "
                                     "returns came to; what was paid back is told by the payment. "
                                     "A timeline entry's detail is a reason, or the id of the "
                                     "payment, shipment or return that it is about.",
                                 .answers = {{200, "it", json::shape<Order>()}}}),
         .together = {together(services, "id", read_model::find_cached, shown_order),
                      together(services, "id", read_model::find_together, shown_order)}});
    return routes;
}

}  // namespace skald::routes
