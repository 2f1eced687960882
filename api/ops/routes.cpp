#include "api/ops/routes.h"

#include "api/routes/health.h"

namespace skald::ops {

std::unique_ptr<http::Router> ops_router(const routes::Services& services, RepairShop& shop) {
    auto router = std::make_unique<http::Router>();
    router->add(event_routes(services));
    router->add(follower_routes(services));
    router->add(relay_routes(services));
    router->add(saga_routes(services, shop));
    router->add(routes::health_routes(services));
    router->add(routes::metrics_routes());
    return router;
}

}  // namespace skald::ops
