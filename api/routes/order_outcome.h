// What has become of an order that was just placed, for a client that waits for it.
#pragma once

#include "api/routes/command_route.h"

namespace skald::routes {

// Asks the read model `orders`, and only when something has happened in the order's partition since
// it was asked last; the order as GET shows it, once it is no longer pending. Gives up on an order
// that is held back. May throw eventstore::Unavailable. To be called by one thread at a time.
AskOutcome outcome_of_order(const Services& services, const eventstore::Answer& placed);

}  // namespace skald::routes
