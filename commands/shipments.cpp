// Which number an order's next shipment has is known only when it is decided: the command is sent
// with the number it believes to be the next one (1, at first).
#include "commands/shipments.h"

#include <algorithm>
#include <memory>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "commands/payments.h"
#include "commands/seeking.h"
#include "domain/kernel/enum_name.h"

namespace skald::commands {
namespace {

using eventstore::Accepted;
using eventstore::Decided;
using eventstore::States;

// Of the command's streams.
constexpr std::size_t shipment_at = 0;
constexpr std::size_t order_at = 1;
constexpr std::size_t payment_at = 2;

eventstore::Refusal explain_order(const order::Refusal& refusal, const ShipmentRequest& request) {
    if (refusal.code == order::RefusalCode::no_lines && !request.lines) {
        return {"order_nothing_to_ship", "Nothing of this order is left to be shipped.", ""};
    }
    return explain(refusal);
}

class Creation : public Seeking {
  public:
    Creation(const CommandContext& context, kernel::OrderId order, ShipmentRequest request)
        : Seeking(context), order_(std::move(order)), request_(std::move(request)) {}

    eventstore::Command next() override {
        auto command = blank();
        command.streams = {
            shipment_stream(kernel::numbered_id<kernel::ShipmentId>(order_, number_)),
            order_stream(order_), payment_stream(payment_of(order_))};
        command.decide = [this, number = number_](const States& states) {
            return decide(number, states);
        };
        return command;
    }

  private:
    Decided decide(std::int32_t number, const States& states) {
        const auto& order = states.get<order::State>(order_at);
        if (auto refusal = mismatch(states.version(order_at))) return *std::move(refusal);
        number_ = static_cast<std::int32_t>(order.shipments.size()) + 1;
        if (number != number_) return needs_others();

        const auto& promise = states.get<payment::State>(payment_at).promise;
        if (promise && promise->expires_at <= context().at) {
            return eventstore::Refusal{"payment_expired",
                                       "The payment was promised until a time that has passed. "
                                       "Cancel the order: of one that has shipped in part, "
                                       "the rest is cancelled.",
                                       ""};
        }
        const auto lines = request_.lines ? *request_.lines : order::unshipped(order);
        const auto recorded = order::decide(
            order,
            order::RecordShipment{kernel::numbered_id<kernel::ShipmentId>(order_, number), lines});
        if (!recorded) return explain_order(recorded.error(), request_);
        const auto created = shipment::decide(states.get<shipment::State>(shipment_at),
                                              shipment::Create{order_, lines, request_.tracking});
        if (!created) return explain(created.error());
        return Accepted{.events = {encoded<ShipmentBinding>(*created, context()),
                                   encoded<OrderBinding>(*recorded, context())}};
    }

    kernel::OrderId order_;
    ShipmentRequest request_;
    std::int32_t number_ = 1;  // the next one, as the last decision saw it
};

struct Words {
    shipment::Refusal refusal;
    const char* detail;
    const char* pointer;
};
constexpr Words words[] = {
    {shipment::Refusal::already_created, "This shipment was created with other goods.", ""},
    {shipment::Refusal::not_found, "There is no such shipment.", ""},
    {shipment::Refusal::order_invalid, "An order's id is 1 to 64 of A-Z a-z 0-9 _ -.", ""},
    {shipment::Refusal::tracking_empty, "Say what the carrier calls it, or leave it out.",
     "/tracking"},
    {shipment::Refusal::tracking_too_long, "The carrier's name for it is too long. Shorten it.",
     "/tracking"},
    {shipment::Refusal::tracking_invalid,
     "The carrier's name for it is UTF-8 without control characters. Remove what is not.",
     "/tracking"},
    {shipment::Refusal::shipped_at_out_of_range, "The time is beyond all calendars.", ""},
    {shipment::Refusal::reason_empty, "Say why.", "/reason"},
    {shipment::Refusal::reason_too_long, "The reason is too long. Shorten it.", "/reason"},
    {shipment::Refusal::reason_invalid,
     "The reason is UTF-8 without control characters. Remove what is not.", "/reason"},
    {shipment::Refusal::already_shipped, "It left the house under another name or at another time.",
     ""},
    {shipment::Refusal::status_forbids, "The shipment is in a state that does not allow it.", ""},
    {shipment::Refusal::no_lines, "A shipment has at least one line.", "/lines"},
    {shipment::Refusal::too_many_lines,
     "A shipment has at most 1000 lines. Split it into several shipments.", "/lines"},
    {shipment::Refusal::sku_invalid, "A sku is 1 to 64 of A-Z a-z 0-9 _ -.", "/lines"},
    {shipment::Refusal::quantity_out_of_range, "A quantity is 1 to 100000.", "/lines"},
    {shipment::Refusal::duplicate_sku, "Each sku has one line. Add the quantities up.", "/lines"},
};

}  // namespace

void create_shipment(eventstore::Executor& executor, const CommandContext& context,
                     const kernel::OrderId& order, ShipmentRequest request,
                     eventstore::Reply reply) {
    send(executor, std::make_shared<Creation>(context, order, std::move(request)),
         std::move(reply));
}

eventstore::Refusal explain(shipment::Refusal refusal) {
    const auto* found = std::ranges::find(words, refusal, &Words::refusal);
    INVARIANT(found != std::end(words));
    return {"shipment_" + std::string(kernel::name_of(refusal)), found->detail, found->pointer};
}

}  // namespace skald::commands
