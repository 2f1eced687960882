// /v1/orders: what was bought.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> order_routes(const Services& services);

}  // namespace skald::routes
