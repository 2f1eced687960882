// How placing an order is answered, wherever its lines come from: at once, or, for a client that
// waits, with what has become of it.
#pragma once

#include "api/routes/command_route.h"

namespace skald::routes {

// Asks the read model `orders`, and only when something has happened in the order's partition since
// it was asked last, for the status alone; the order as GET shows it, once it is no longer pending.
// Gives up on an order that is held back. May throw eventstore::Unavailable. To be called by one
// thread at a time.
AskOutcome outcome_of_order(const Services& services, const eventstore::Answer& placed);

// 202 with Location, or 201 with the outcome. `target`: see CommandSpec.
CommandSpec placing_spec(const Services& services, std::string target = {});
// The route's documentation with Prefer and the answers.
http::RouteDoc placing_doc(const CommandSpec& spec, http::RouteDoc doc);

}  // namespace skald::routes
