// /ops: what operators read, on a listener of their own.
#pragma once

#include <memory>
#include <vector>

#include "api/http/router.h"
#include "api/routes/services.h"

namespace skald::ops {

class RepairShop;

// /ops, /metrics and health. `services` and `shop` must outlive the router.
std::unique_ptr<http::Router> ops_router(const routes::Services& services, RepairShop& shop);

// The parts, each in a file of its own.
std::vector<http::Route> event_routes(const routes::Services& services);
std::vector<http::Route> follower_routes(const routes::Services& services);
std::vector<http::Route> relay_routes(const routes::Services& services);
std::vector<http::Route> saga_routes(const routes::Services& services, RepairShop& shop);
std::vector<http::Route> saga_repair_routes(const routes::Services& services, RepairShop& shop);

}  // namespace skald::ops
