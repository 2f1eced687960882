#include "commands/aggregate.h"

#include "commands/bindings.h"

namespace skald::commands {
namespace {

template <class Binding>
std::pair<const std::string, std::shared_ptr<const eventstore::Fold>> entry() {
    return {Binding::category, std::make_shared<AggregateFold<Binding>>()};
}

}  // namespace

eventstore::CorruptStream corrupt(const eventstore::StoredEvent& event, const std::string& why) {
    return eventstore::CorruptStream(event.stream.text() + " version " +
                                     std::to_string(event.version.value()) + ": " + why);
}

eventstore::Folds folds() {
    return {entry<ProductBinding>(),  entry<StockBinding>(), entry<AccountBinding>(),
            entry<EmailBinding>(),    entry<OrderBinding>(), entry<PaymentBinding>(),
            entry<ShipmentBinding>(), entry<CartBinding>()};
}

eventstore::Command command_of(const CommandContext& context) {
    eventstore::Command command;
    command.id = context.id;
    command.fingerprint = context.fingerprint;
    command.id_from_outside = context.id_from_outside;
    command.if_match = context.if_match;
    command.deadline = context.deadline;
    return command;
}

}  // namespace skald::commands
