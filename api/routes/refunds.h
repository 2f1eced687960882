// /v1/payments/{id}/refunds: money is to be given back. The refund saga does what follows.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "api/routes/services.h"

namespace skald::routes {

std::vector<http::Route> refund_routes(const Services& services);

}  // namespace skald::routes
