// /health/live and /health/ready, on both listeners, and /metrics, on that of operators.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> health_routes(const Services& services);
std::vector<http::Route> metrics_routes();

}  // namespace skald::routes
