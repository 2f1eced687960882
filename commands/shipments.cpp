// A command names its streams before it is decided, and which number an order's next shipment has
// is known only then. So the command is sent with the number it believes to be the next one (1, at
// first). Where the order turns out to have more shipments, the decision notes the number and has
// no effect, and the command is sent again with it. As every decision states the versions it saw, a
// race between two shipments ends the same way.
#include "commands/shipments.h"

#include <algorithm>
#include <memory>

#include "commands/aggregate.h"
#include "commands/bindings.h"
#include "commands/orders.h"
#include "commands/payments.h"
#include "domain/kernel/enum_name.h"

namespace skald::commands {
namespace {

using eventstore::Accepted;
using eventstore::Answer;
using eventstore::AnswerKind;
using eventstore::Decided;
using eventstore::States;

// Of the command's streams.
constexpr std::size_t shipment_at = 0;
constexpr std::size_t order_at = 1;
constexpr std::size_t payment_at = 2;

// Never leave this file.
constexpr const char* another_number_needed = "another_number_needed";
constexpr const char* another_order_version = "another_order_version";

struct Creation {
    CommandContext context;
    kernel::OrderId order;
    ShipmentRequest request;
    std::int32_t number = 1;  // the next one, as the last decision saw it
    eventstore::Version order_version{};
};

std::vector<kernel::Portion> unshipped(const order::State& order) {
    std::vector<kernel::Portion> portions;
    for (std::size_t i = 0; i < order.lines.size(); ++i) {
        const auto left = order.progress[i].allocated;
        if (order.lines[i].ships && left > 0) portions.push_back({order.lines[i].sku, left});
    }
    return portions;
}

eventstore::Refusal explain_order(const order::Refusal& refusal, const ShipmentRequest& request) {
    if (refusal.code == order::RefusalCode::no_lines && !request.lines) {
        return {"order_nothing_to_ship", "Nothing of this order is left to be shipped.", ""};
    }
    return explain(refusal);
}

// May run again after a conflict, so what it notes for the next sending is apart from `number`,
// which this one was sent with.
Decided decide_creation(Creation& creation, std::int32_t number, const States& states) {
    const auto& context = creation.context;
    const auto& order = states.get<order::State>(order_at);
    creation.order_version = states.version(order_at);
    if (context.if_match && *context.if_match != creation.order_version) {
        return eventstore::Refusal{another_order_version, "", ""};
    }
    creation.number = static_cast<std::int32_t>(order.shipments.size()) + 1;
    if (number != creation.number) return eventstore::Refusal{another_number_needed, "", ""};

    const auto& promise = states.get<payment::State>(payment_at).promise;
    if (promise && promise->expires_at <= context.at) {
        return eventstore::Refusal{
            "payment_expired",
            "The payment was promised until a time that has passed. Cancel the order.", ""};
    }
    const auto lines = creation.request.lines ? *creation.request.lines : unshipped(order);
    const auto recorded = order::decide(
        order, order::RecordShipment{
                   kernel::numbered_id<kernel::ShipmentId>(creation.order, number), lines});
    if (!recorded) return explain_order(recorded.error(), creation.request);
    const auto created =
        shipment::decide(states.get<shipment::State>(shipment_at),
                         shipment::Create{creation.order, lines, creation.request.tracking});
    if (!created) return explain(created.error());
    return Accepted{.events = {encoded<ShipmentBinding>(*created, context),
                               encoded<OrderBinding>(*recorded, context)}};
}

// Everything in `creation` is touched by the executor's thread only, once it is sent.
void send(eventstore::Executor& executor, const std::shared_ptr<Creation>& creation,
          eventstore::Reply reply) {
    const auto number = creation->number;
    auto command = command_of(creation->context);
    command.streams = {
        shipment_stream(kernel::numbered_id<kernel::ShipmentId>(creation->order, number)),
        order_stream(creation->order), payment_stream(payment_of(creation->order))};
    command.if_match.reset();  // it is the order's, and this command's own stream the shipment's
    command.decide = [creation, number](const States& states) {
        return decide_creation(*creation, number, states);
    };
    executor.submit(std::move(command),
                    [&executor, creation, reply = std::move(reply)](Answer answer) {
                        const bool refused = answer.kind == AnswerKind::refused;
                        if (refused && answer.refusal.code == another_number_needed) {
                            return send(executor, creation, reply);
                        }
                        if (refused && answer.refusal.code == another_order_version) {
                            answer.kind = AnswerKind::version_mismatch;
                            answer.version = creation->order_version;
                            answer.refusal = {};
                        }
                        reply(std::move(answer));
                    });
}

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
    send(executor,
         std::make_shared<Creation>(
             Creation{.context = context, .order = order, .request = std::move(request)}),
         std::move(reply));
}

eventstore::Refusal explain(shipment::Refusal refusal) {
    const auto* found = std::ranges::find(words, refusal, &Words::refusal);
    INVARIANT(found != std::end(words));
    return {"shipment_" + std::string(kernel::name_of(refusal)), found->detail, found->pointer};
}

}  // namespace skald::commands
