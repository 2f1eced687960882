#include "api/routes/public.h"

#include "api/http/openapi.h"
#include "api/routes/accounts.h"
#include "api/routes/carts.h"
#include "api/routes/health.h"
#include "api/routes/order_commands.h"
#include "api/routes/orders.h"
#include "api/routes/payments.h"
#include "api/routes/products.h"
#include "api/routes/receipts.h"
#include "api/routes/refunds.h"
#include "api/routes/reports.h"
#include "api/routes/stock.h"

namespace skald::routes {
namespace {

// Serves the text that `text` will hold once the router is complete, itself included.
http::Route openapi_route(std::shared_ptr<const std::string> text) {
    return {.method = "GET",
            .path = "/openapi.json",
            .handler = http::Handler([text = std::move(text)](const auto&, const auto& respond) {
                respond(http::json_response(200, *text));
            }),
            .doc = {.tag = "openapi", .summary = "This document", .answers = {{200, "it"}}},
            .counts = false};
}

// Beyond what the settings let a command, or a query that waits, take of its own accord.
constexpr std::chrono::milliseconds time_beyond{5'000};

std::vector<http::Route> timed(std::vector<http::Route> routes, const Services& services) {
    for (auto& route : routes) {
        const bool query = route.method == "GET";
        route.time_max =
            std::max(route.time_max,
                     time_beyond + (query ? services.wait_default : services.command_time_max));
    }
    return routes;
}

}  // namespace

std::unique_ptr<http::Router> public_router(const Services& services) {
    auto router = std::make_unique<http::Router>();
    router->add(timed(product_routes(services), services));
    router->add(timed(stock_routes(services), services));
    router->add(timed(account_routes(services), services));
    router->add(timed(cart_routes(services), services));
    router->add(timed(order_routes(services), services));
    router->add(timed(payment_routes(services), services));
    router->add(timed(order_command_routes(services), services));
    router->add(timed(refund_routes(services), services));
    router->add(timed(report_routes(services), services));
    router->add(timed(receipt_routes(services), services));
    router->add(health_routes(services));
    const auto text = std::make_shared<std::string>();
    router->add(openapi_route(text));
    *text = http::openapi(
        *router, {.description = "A shop on an event-sourced backend. Money is in minor units, "
                                 "times are RFC 3339 in UTC, ids are opaque."});
    return router;
}

std::string openapi_text() {
    const Services none{};
    const auto router = public_router(none);
    std::string text;
    const auto found = router->match("GET", "/openapi.json");
    const auto& handler = std::get<http::Handler>(std::get<http::Match>(found).route->handler);
    handler(nullptr, [&text](const http::Response& response) { text = response.body; });
    return text;
}

}  // namespace skald::routes
