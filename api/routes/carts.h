// /v1/carts: what may be ordered one day.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> cart_routes(const Services& services);

}  // namespace skald::routes
