// The table of public routes, without anything running behind them.
#include "api/routes/public.h"

#include <gtest/gtest.h>

namespace skald::routes {
namespace {

using namespace std::chrono_literals;

// Settings beyond 30 s were cut to that without a word.
TEST(PublicRoutes, give_commands_and_queries_the_time_that_the_settings_grant) {
    Services services;
    services.command_time_max = 100s;
    services.wait_default = 50s;
    const auto router = public_router(services);
    int seen = 0;
    for (const auto& route : router->routes()) {
        if (!route->path.starts_with("/v1/")) continue;
        ++seen;
        EXPECT_GT(route->time_max, route->method == "GET" ? 50s : 100s) << route->path;
    }
    EXPECT_GT(seen, 10);
    services.command_time_max = 1s;
    services.wait_default = 1s;
    const auto short_ones = public_router(services);
    for (const auto& route : short_ones->routes()) {
        EXPECT_LE(route->time_max, 30s) << route->path;
    }
}

}  // namespace
}  // namespace skald::routes
