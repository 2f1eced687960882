// What is asked of an order that is placed: /v1/orders/{id}/cancellation, /shipments and /returns.
// Each only says what is wanted; sagas do what follows.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> order_command_routes(const Services& services);

}  // namespace skald::routes
