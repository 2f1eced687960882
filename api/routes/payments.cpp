#include "api/routes/payments.h"

#include "api/json/time.h"
#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "api/routes/query_route.h"
#include "projections/payments/queries.h"

namespace skald::routes {
namespace read_model = projections::payments;

struct PaymentMovement {
    std::string type;
    std::string at;
    json::Money amount;
    std::optional<std::string> refund_id;
};
BOOST_DESCRIBE_STRUCT(PaymentMovement, (), (type, at, amount, refund_id))

struct PaymentRefund {
    std::string id;
    json::Money amount;
    std::string reason;
    std::string status;
    std::optional<std::string> code;
    std::string requested_at;
};
BOOST_DESCRIBE_STRUCT(PaymentRefund, (), (id, amount, reason, status, code, requested_at))

struct PaymentAttempt {
    std::string id;
    std::string order_id;
    std::string method;
    json::Money amount;
    std::string authorisation;
    std::optional<std::string> code;
    json::Money authorised;
    std::optional<std::string> authorised_until;
    json::Money capturing;
    bool voiding = false;
    json::Money captured;
    json::Money refunding;
    json::Money refunded;
    bool unknown = false;
    std::vector<PaymentRefund> refunds;
    std::vector<PaymentMovement> movements;
    std::int64_t version = 0;
    std::string created_at;
    std::string updated_at;
};
BOOST_DESCRIBE_STRUCT(PaymentAttempt, (),
                      (id, order_id, method, amount, authorisation, code, authorised,
                       authorised_until, capturing, voiding, captured, refunding, refunded, unknown,
                       refunds, movements, version, created_at, updated_at))

namespace {

std::string time_text(kernel::Timestamp time) { return json::format_time_us(time.value()); }

PaymentAttempt shown(const read_model::Payment& row) {
    PaymentAttempt payment{.id = row.id.value(),
                           .order_id = row.order.value(),
                           .method = row.method,
                           .amount = routes::shown(row.amount),
                           .authorisation = row.authorisation,
                           .code = row.code,
                           .authorised = routes::shown(row.authorised),
                           .authorised_until = row.authorised_until
                                                   ? std::optional(time_text(*row.authorised_until))
                                                   : std::nullopt,
                           .capturing = routes::shown(row.capturing),
                           .voiding = row.voiding,
                           .captured = routes::shown(row.captured),
                           .refunding = routes::shown(row.refunding),
                           .refunded = routes::shown(row.refunded),
                           .unknown = row.unknown,
                           .refunds = {},
                           .movements = {},
                           .version = row.version.value(),
                           .created_at = time_text(row.created_at),
                           .updated_at = time_text(row.updated_at)};
    for (const auto& refund : row.refunds) {
        payment.refunds.push_back({refund.id.value(), routes::shown(refund.amount), refund.reason,
                                   refund.status, refund.code, time_text(refund.requested_at)});
    }
    for (const auto& movement : row.movements) {
        payment.movements.push_back(
            {movement.type, time_text(movement.at), routes::shown(movement.amount),
             movement.refund ? std::optional(movement.refund->value()) : std::nullopt});
    }
    return payment;
}

}  // namespace

std::vector<http::Route> payment_routes(const Services& services) {
    std::vector<http::Route> routes;
    routes.push_back(
        {.method = "GET",
         .path = "/v1/payments/{id}",
         .handler = one_thing(services, "payment", read_model::find,
                              [](const read_model::Payment& row) { return shown(row); }),
         .doc = http::thing_doc(
             {.tag = "payments",
              .summary = "One attempt to have an order paid, with its refunds and its ledger",
              .description =
                  "An order's payments are named <order id>.<n>. authorisation is pending, "
                  "authorised (until authorised_until), declined (code says why) or voided. "
                  "capturing, voiding and refunding are what the provider was asked for and has "
                  "not answered; unknown: it may have done it or not, and is asked again. "
                  "movements are the money promised, taken, let go of and given back, oldest "
                  "first.",
              .answers = {{200, "it", json::shape<PaymentAttempt>()}}})});
    return routes;
}

}  // namespace skald::routes
