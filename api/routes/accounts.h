// /v1/accounts: who buys here.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> account_routes(const Services& services);

}  // namespace skald::routes
