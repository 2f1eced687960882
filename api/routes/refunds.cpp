#include "api/routes/refunds.h"

#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "commands/payments.h"
#include "domain/kernel/text.h"
#include "domain/order/order.h"

namespace skald::routes {

struct RequestRefund {
    json::Money amount;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(RequestRefund, (), (amount, reason))

json::Rules rules_for(json::Tag<RequestRefund>) {
    return {{"amount", json::money(1, order::total_max)},
            {"reason", json::text(1, kernel::label_bytes_max)}};
}
void check(const RequestRefund& it, json::Findings& findings) {
    check_bytes("/reason", it.reason, kernel::label_bytes_max, findings);
}

std::vector<http::Route> refund_routes(const Services& services) {
    const CommandSpec done{.target = "payment", .numbered = true};
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "POST",
         .path = "/v1/payments/{id}/refunds",
         .handler = command_with_body<RequestRefund>(
             services, done,
             [&services](const auto& request, RequestRefund&& body, const auto& context,
                         auto reply) {
                 services.executor->submit(
                     commands::request_refund(context, kernel::PaymentId(request.parameter("id")),
                                              money_of(body.amount), std::move(body.reason)),
                     std::move(reply));
             }),
         .doc = http::command_doc(
             {.tag = "payments",
              .summary = "Asks that money be given back",
              .description = "Of what was taken and is not given back yet. The refund's id is the "
                             "command's.",
              .body = json::shape<RequestRefund>(),
              .answers = {done_doc(done, "asked for; the provider is called next")}})});
    return routes;
}

}  // namespace skald::routes
