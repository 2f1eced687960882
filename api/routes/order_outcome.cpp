#include "api/routes/order_outcome.h"

#include "api/json/write.h"
#include "api/routes/order_bodies.h"
#include "projections/orders/queries.h"

namespace skald::routes {

AskOutcome outcome_of_order(const Services& services, const eventstore::Answer& placed) {
    const kernel::OrderId order{std::string(placed.stream.id())};
    const auto partition = static_cast<std::size_t>(
        eventstore::partition_of(order.value(), services.store.partitions).value());
    return
        [&services, order, partition,
         seen = std::optional<eventstore::Position>()]() mutable -> Result<Outcome, http::NotYet> {
            if (seen && services.heads->heads()[partition] <= *seen) {
                return unexpected(http::NotYet::ask_again);
            }
            const auto status = projections::orders::find_status(*services.reading, order, {});
            if (!status) return unexpected(http::NotYet::ask_again);
            if (!status->value || *status->value == "pending") {
                if (status->parked) return unexpected(http::NotYet::give_up);
                seen = status->heads[partition];
                return unexpected(http::NotYet::ask_again);
            }
            const auto found = projections::orders::find(*services.reading, order, {});
            // Gone back meanwhile where a rebuild was rolled back.
            if (!found || !found->value || found->value->status == "pending") {
                return unexpected(http::NotYet::ask_again);
            }
            return Outcome{.version = found->value->version,
                           .body = json::to_text(shown(*found->value)),
                           .heads = found->heads};
        };
}

CommandSpec placing_spec(const Services& services, std::string target) {
    return {
        .status = 202,
        .location = "/v1/orders/",
        .target = std::move(target),
        .outcome = [&services](const auto& answer) { return outcome_of_order(services, answer); }};
}

http::RouteDoc placing_doc(const CommandSpec& spec, http::RouteDoc doc) {
    doc.parameters.push_back({.name = "Prefer",
                              .in = "header",
                              .description = "wait=N: how many seconds, up to 30, to wait until "
                                             "the order is no longer pending"});
    doc.answers = {done_doc(spec, "placed; what becomes of it is told by GET"),
                   {201,
                    "placed, and what became of it, as GET tells it: waited for with "
                    "Prefer: wait (Preference-Applied)",
                    json::shape<Order>()}};
    return http::command_doc(std::move(doc));
}

}  // namespace skald::routes
