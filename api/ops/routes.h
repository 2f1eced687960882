// /ops: what operators read, on a listener of their own.
#pragma once

#include <memory>
#include <vector>

#include "api/http/router.h"
#include "api/routes/services.h"

namespace skald::ops {

// /ops, /metrics and health. `services` must outlive the router.
std::unique_ptr<http::Router> ops_router(const routes::Services& services);

// The parts, each in a file of its own.
std::vector<http::Route> event_routes(const routes::Services& services);
std::vector<http::Route> follower_routes(const routes::Services& services);
std::vector<http::Route> relay_routes(const routes::Services& services);

}  // namespace skald::ops
