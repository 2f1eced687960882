// /v1/commands/{id}: what became of a command whose answer was lost.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> receipt_routes(const Services& services);

}  // namespace skald::routes
