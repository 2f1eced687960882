#include "api/routes/health.h"

#include <algorithm>
#include <chrono>

#include "api/json/patch.h"
#include "api/json/write.h"
#include "api/routes/query_route.h"
#include "api/routes/sql.h"
#include "diagnostics/metrics.h"

namespace skald::routes {

struct Health {
    std::string status;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status))

struct Readiness {
    std::string status;
    json::Patch<std::string> sagas;  // absent: the process does not serve that role
};
BOOST_DESCRIBE_STRUCT(Readiness, (), (status, sagas))

namespace {

constexpr std::chrono::milliseconds ready_time_max{1000};

template <class Body>
http::Response say(const Body& body) {
    return http::json_response(200, json::to_text(body)).with("Cache-Control", "no-store");
}

json::Patch<std::string> text_of(SagaDuty duty) {
    switch (duty) {
        case SagaDuty::none:
            return {};
        case SagaDuty::driving:
            return std::string("driving");
        case SagaDuty::standing_by:
            return std::string("standing by");
    }
    return {};
}

// Live: the process runs and answers. It needs no worker, so that a busy process is not taken for a
// dead one.
void live(const std::shared_ptr<const http::Request>&, const http::Respond& respond) {
    respond(say(Health{"live"}));
}

// Ready: it can serve, for PostgreSQL answers and nobody asked the process to end.
Result<http::Response, http::Problem> ready(const http::Request& request,
                                            const Services& services) {
    if (services.draining->load()) {
        return unexpected(http::unavailable("draining", "The process is about to end."));
    }
    const auto deadline = std::min(request.deadline, http::Clock::now() + ready_time_max);
    with_connection(services, deadline,
                    [](pq::Connection& connection) { connection.query(api_routes::sql::ping); });
    return say(Readiness{"ready", text_of(*services.saga_duty)});
}

http::Response metrics() {
    http::Response response{.status = 200, .headers = {}, .body = diagnostics::render_metrics()};
    response.with("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
}

}  // namespace

std::vector<http::Route> health_routes(const Services& services) {
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .path = "/health/live",
                      .handler = http::Handler(live),
                      .doc = {.tag = "health",
                              .summary = "Whether the process runs",
                              .answers = {{200, "it does", json::shape<Health>()}}},
                      .counts = false});
    routes.push_back(
        {.method = "GET",
         .path = "/health/ready",
         .handler = guarded([&services](const auto& request) { return ready(request, services); }),
         .doc = {.tag = "health",
                 .summary = "Whether it can serve: PostgreSQL answers, and it is not about to end",
                 .description = "sagas: driving, or standing by to take over from another process; "
                                "absent where the process does not serve that role.",
                 .answers = {{200, "it can", json::shape<Readiness>()}}},
         .time_max = std::chrono::milliseconds(3000),
         .counts = false});
    return routes;
}

std::vector<http::Route> metrics_routes() {
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .path = "/metrics",
                      .handler = http::BlockingHandler(
                          [](const http::Request&) -> Result<http::Response, http::Problem> {
                              return metrics();
                          }),
                      .doc = {.tag = "metrics", .summary = "All metrics, in Prometheus' text form"},
                      .counts = false});
    return routes;
}

}  // namespace skald::routes
