#include "api/routes/order_commands.h"

#include "api/routes/checks.h"
#include "api/routes/command_route.h"
#include "api/routes/order_bodies.h"
#include "commands/orders.h"
#include "commands/shipments.h"
#include "domain/kernel/portion.h"
#include "domain/kernel/text.h"

namespace skald::routes {

struct CancelOrder {
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(CancelOrder, (), (reason))

struct CreateShipment {
    std::optional<std::vector<PlaceOrderLine>> lines;
    std::optional<std::string> tracking;
};
BOOST_DESCRIBE_STRUCT(CreateShipment, (), (lines, tracking))

struct RecordReturn {
    std::vector<PlaceOrderLine> lines;
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(RecordReturn, (), (lines, reason))

json::Rules rules_for(json::Tag<CancelOrder>) {
    return {{"reason", json::text(1, kernel::label_bytes_max)}};
}
json::Rules rules_for(json::Tag<CreateShipment>) {
    return {{"lines", json::list(1, kernel::portions_max)
                          .unique("sku")
                          .about("absent: all that is left of the order and ships")},
            {"tracking",
             json::text(1, kernel::label_bytes_max).about("the carrier's name for the parcel")}};
}
json::Rules rules_for(json::Tag<RecordReturn>) {
    return {{"lines", json::list(1, kernel::portions_max).unique("sku")},
            {"reason", json::text(1, kernel::label_bytes_max)}};
}
void check(const CancelOrder& it, json::Findings& findings) {
    check_bytes("/reason", it.reason, kernel::label_bytes_max, findings);
}
void check(const CreateShipment& it, json::Findings& findings) {
    check_bytes("/tracking", it.tracking, kernel::label_bytes_max, findings);
}
void check(const RecordReturn& it, json::Findings& findings) {
    check_bytes("/reason", it.reason, kernel::label_bytes_max, findings);
}

namespace {

std::vector<kernel::Portion> portions_of(std::vector<PlaceOrderLine>&& lines) {
    std::vector<kernel::Portion> portions;
    portions.reserve(lines.size());
    for (auto& line : lines) {
        portions.push_back({kernel::Sku(std::move(line.sku)), kernel::Quantity::of(line.quantity)});
    }
    return portions;
}

void ship(const Services& services, const http::Request& request, CreateShipment&& body,
          const commands::CommandContext& context, eventstore::Reply reply) {
    commands::ShipmentRequest wanted{.tracking = std::move(body.tracking)};
    if (body.lines) wanted.lines = portions_of(std::move(*body.lines));
    commands::create_shipment(*services.executor, context, kernel::OrderId(request.parameter("id")),
                              std::move(wanted), std::move(reply));
}

http::Route cancellation(const Services& services) {
    const CommandSpec done{.target = "order"};
    return {
        .method = "POST",
        .path = "/v1/orders/{id}/cancellation",
        .handler = command_with_body<CancelOrder>(
            services, done,
            [&services](const auto& request, CancelOrder&& body, const auto& context, auto reply) {
                services.executor->submit(
                    commands::request_cancellation(
                        context, kernel::OrderId(request.parameter("id")), std::move(body.reason)),
                    std::move(reply));
            }),
        .doc = http::command_doc(
            {.tag = "orders",
             .summary = "Asks that an order be cancelled",
             .description = "Before something has shipped: the order is cancelling until stock and "
                            "money are back where they were. Behind a shipment: what has not "
                            "shipped is cancelled at once, the order is shipped, and completed "
                            "once the last shipment is paid for and the money promised for the "
                            "rest is given up. An order of which all has shipped is returned "
                            "instead.",
             .body = json::shape<CancelOrder>(),
             .answers = {done_doc(done, "asked for; what becomes of it is told by GET")}})};
}

http::Route shipments(const Services& services) {
    const CommandSpec created{.status = 201, .location = "/v1/orders/", .target = "order"};
    return {
        .method = "POST",
        .path = "/v1/orders/{id}/shipments",
        .handler = command_with_body<CreateShipment>(
            services, created,
            [&services](const auto& request, CreateShipment&& body, const auto& context,
                        auto reply) {
                ship(services, request, std::move(body), context, std::move(reply));
            }),
        .doc = http::command_doc(
            {.tag = "orders",
             .summary = "Sends goods of a confirmed order, all that is left or a part",
             .description = "If-Match is the order's ETag. The answer is about the shipment, whose "
                            "id is the order's with a number; Location is the order, which tells "
                            "of its shipments.",
             .body = json::shape<CreateShipment>(),
             .answers = {done_doc(created, "created; money and stock follow")}})};
}

http::Route returns(const Services& services) {
    const CommandSpec done{.target = "order"};
    return {
        .method = "POST",
        .path = "/v1/orders/{id}/returns",
        .handler = command_with_body<RecordReturn>(
            services, done,
            [&services](const auto& request, RecordReturn&& body, const auto& context, auto reply) {
                services.executor->submit(
                    commands::record_return(context, kernel::OrderId(request.parameter("id")),
                                            portions_of(std::move(body.lines)),
                                            std::move(body.reason)),
                    std::move(reply));
            }),
        .doc = http::command_doc(
            {.tag = "orders",
             .summary = "Shipped goods came back",
             .description = "What they cost is given back, and they are counted as stock. What "
                            "does not ship comes back in the same way. The return's id is the "
                            "command's.",
             .body = json::shape<RecordReturn>(),
             .answers = {done_doc(done, "recorded; money and stock follow")}})};
}

}  // namespace

std::vector<http::Route> order_command_routes(const Services& services) {
    return {cancellation(services), shipments(services), returns(services)};
}

}  // namespace skald::routes
