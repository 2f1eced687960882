// /v1/reports: what sold, by day, department or sku, and what sells best.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> report_routes(const Services& services);

}  // namespace skald::routes
