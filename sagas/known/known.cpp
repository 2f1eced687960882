#include "sagas/known/known.h"

#include "commands/aggregate.h"
#include "sagas/checkout/checkout.h"
#include "sagas/engine/saga_command.h"
#include "sagas/orders/cancellation.h"
#include "sagas/orders/fulfilment.h"
#include "sagas/orders/refund.h"
#include "sagas/orders/rest_cancellation.h"
#include "sagas/orders/returns.h"

namespace skald::sagas {

Registry known_sagas(const PaymentDesk* desk) {
    const auto world = [&](PaymentCallOf call_of) {
        return desk == nullptr ? nullptr : payment_world(*desk, std::move(call_of));
    };
    Registry registry;
    for (int version = 1; version <= checkout_newest; ++version)
        registry.add(checkout(version), world(checkout_call));
    registry.add(cancellation(), world(cancellation_call));
    registry.add(fulfilment(), world(fulfilment_call));
    registry.add(rest_cancellation(), world(rest_cancellation_call));
    registry.add(refund(), world(refund_call));
    registry.add(returning());
    for (const auto& ears : {checkout_ears, cancellation_ears, fulfilment_ears,
                             rest_cancellation_ears, refund_ears, returning_ears})
        registry.listen(ears);
    return registry;
}

eventstore::Folds folds_with(const Registry& registry) {
    auto folds = commands::folds();
    for (const auto& saga : registry.names()) folds[saga] = saga_fold();
    return folds;
}

}  // namespace skald::sagas
