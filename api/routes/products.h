// /v1/products: the catalogue.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> product_routes(const Services& services);

}  // namespace skald::routes
