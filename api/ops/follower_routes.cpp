// /ops/projections and /ops/parked: how far the read models are, and what they hold back.
#include "api/http/parameters.h"
#include "api/json/time.h"
#include "api/ops/listing.h"
#include "api/ops/routes.h"
#include "api/routes/query_route.h"
#include "projections/engine/status.h"

namespace skald::ops {

struct ProjectionPartition {
    std::int32_t partition = 0;
    std::int64_t position = 0;
    std::int64_t head = 0;
    std::int64_t lag = 0;
    std::int64_t parked_keys = 0;
    std::string moved_at;
};
BOOST_DESCRIBE_STRUCT(ProjectionPartition, (),
                      (partition, position, head, lag, parked_keys, moved_at))

struct ProjectionVersion {
    std::int32_t version = 0;
    std::int32_t definition = 0;
    std::string state;
};
BOOST_DESCRIBE_STRUCT(ProjectionVersion, (), (version, definition, state))

struct Projection {
    std::string name;
    std::int32_t live_version = 0;
    std::int32_t definition = 0;
    std::int64_t lag = 0;
    std::int64_t parked_keys = 0;
    std::vector<ProjectionVersion> versions;
    std::vector<ProjectionPartition> partitions;
};
BOOST_DESCRIBE_STRUCT(Projection, (),
                      (name, live_version, definition, lag, parked_keys, versions, partitions))

struct ParkedKey {
    std::string projection;
    std::int32_t partition = 0;
    std::string key;
    std::string reason;
    std::string detail;
    std::int64_t position = 0;
    std::string event_id;
    std::string type;
    std::string parked_at;
    std::int64_t events = 0;
};
BOOST_DESCRIBE_STRUCT(ParkedKey, (),
                      (projection, partition, key, reason, detail, position, event_id, type,
                       parked_at, events))

namespace {

using routes::Services;

constexpr std::int64_t parked_max = 1000;

Projection shown(const projections::ProjectionStatus& status) {
    Projection projection{.name = status.name,
                          .live_version = status.live_version,
                          .definition = status.definition,
                          .lag = status.lag(),
                          .parked_keys = status.parked_keys(),
                          .versions = {},
                          .partitions = {}};
    for (const auto& version : status.versions) {
        projection.versions.push_back({version.version, version.definition, version.state});
    }
    for (const auto& at : status.partitions) {
        projection.partitions.push_back({.partition = at.partition.value(),
                                         .position = at.position.value(),
                                         .head = at.head.value(),
                                         .lag = at.head - at.position,
                                         .parked_keys = at.parked_keys,
                                         .moved_at = json::format_time_us(at.moved_at)});
    }
    return projection;
}

ParkedKey shown(const projections::ParkedStatus& parked) {
    return {.projection = parked.projection,
            .partition = parked.partition.value(),
            .key = parked.key,
            .reason = parked.reason,
            .detail = parked.detail,
            .position = parked.position.value(),
            .event_id = eventstore::to_text(parked.event.value()),
            .type = parked.type,
            .parked_at = json::format_time_us(parked.parked_at),
            .events = parked.events};
}

template <class Status>
http::Response shown_listing(const std::vector<Status>& statuses) {
    std::vector<decltype(shown(statuses.front()))> rows;
    for (const auto& status : statuses) rows.push_back(shown(status));
    return listing(std::move(rows));
}

Result<http::Response, http::Problem> projections_of(const http::Request& request,
                                                     const Services& services) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    return shown_listing(with_connection(services, request, [](pq::Connection& connection) {
        return projections::status(connection);
    }));
}

Result<http::Response, http::Problem> parked(const http::Request& request,
                                             const Services& services) {
    http::Parameters parameters(request);
    const auto projection = parameters.text("projection", json::text(1, 64, json::Form::code));
    const auto limit = parameters.integer("limit", 1, parked_max).value_or(100);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    return shown_listing(with_connection(services, request, [&](pq::Connection& connection) {
        return projections::parked(connection, projection, limit);
    }));
}

}  // namespace

std::vector<http::Route> follower_routes(const Services& services) {
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .path = "/ops/projections",
                      .handler = routes::guarded([&services](const auto& request) {
                          return projections_of(request, services);
                      }),
                      .doc = {.tag = "ops", .summary = "How far each read model is"}});
    routes.push_back({.method = "GET",
                      .path = "/ops/parked",
                      .handler = routes::guarded(
                          [&services](const auto& request) { return parked(request, services); }),
                      .doc = {.tag = "ops", .summary = "Keys that are held back, and why"}});
    return routes;
}

}  // namespace skald::ops
