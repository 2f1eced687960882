// /v1/payments: what a provider promised for an order, took and gave back.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> payment_routes(const Services& services);

}  // namespace skald::routes
