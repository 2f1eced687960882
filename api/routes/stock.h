// /v1/stock: how much of a sku there is, goods that come in, corrections.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> stock_routes(const Services& services);

}  // namespace skald::routes
