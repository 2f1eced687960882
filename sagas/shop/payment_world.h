// The world of sagas that move money: a payment provider.
#pragma once

#include <functional>
#include <memory>

#include "sagas/engine/process.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

// What a saga's call asks of the provider; the key is the engine's.
using PaymentCallOf =
    std::function<PaymentCall(const saga::State& saga, std::string_view step, bool undo)>;

struct PaymentDesk {
    PaymentProvider& provider;
    // How long after an attempt's deadline a request may still reach the provider.
    milliseconds outwait;
    std::function<kernel::Timestamp()> now;
};

// The provider outlives it.
std::shared_ptr<World> payment_world(PaymentDesk desk, PaymentCallOf call_of);

}  // namespace skald::sagas
