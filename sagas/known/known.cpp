#include "sagas/known/known.h"

#include "commands/aggregate.h"
#include "sagas/checkout/checkout.h"
#include "sagas/engine/saga_command.h"

namespace skald::sagas {

Registry known_sagas(const PaymentDesk* desk) {
    Registry registry;
    registry.add(checkout(), desk == nullptr
                                 ? nullptr
                                 : payment_world(desk->provider, desk->outwait, desk->now));
    registry.listen(checkout_ears);
    return registry;
}

eventstore::Folds folds_with(const Registry& registry) {
    auto folds = commands::folds();
    for (const auto& saga : registry.names()) folds[saga] = saga_fold();
    return folds;
}

}  // namespace skald::sagas
