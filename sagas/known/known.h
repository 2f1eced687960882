// All sagas of this program, put together in one place: whoever drives them, repairs them or tests
// them knows the same ones. Called once, at start.
#pragma once

#include "sagas/engine/registry.h"
#include "sagas/shop/payment_world.h"

namespace skald::sagas {

// Without a desk the sagas can be looked at and repaired, and must not be driven.
Registry known_sagas(const PaymentDesk* desk = nullptr);

// How the streams of the aggregates and of those sagas fold: what an executor needs to tell a saga
// something.
eventstore::Folds folds_with(const Registry& registry);

}  // namespace skald::sagas
