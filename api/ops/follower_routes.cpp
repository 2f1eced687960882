// /ops/projections and /ops/parked: how far the read models are, and what they hold back.
#include "api/http/parameters.h"
#include "api/json/time.h"
#include "api/ops/listing.h"
#include "api/ops/routes.h"
#include "api/ops/sql.h"
#include "api/routes/query_route.h"
#include "projections/engine/status.h"
#include "projections/reading/page_query.h"

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

const http::ListOrder parked_order{{"projection"}, "projection"};
const std::vector<projections::SortKey> parked_sort{{"k.name", projections::KeyType::text},
                                                    {"k.partition", projections::KeyType::int8},
                                                    {"k.position", projections::KeyType::int8}};

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

ParkedKey shown(const pq::Rows& rows, int i) {
    return {.projection = rows.text(i, 0),
            .partition = rows.int4(i, 1),
            .key = rows.text(i, 2),
            .reason = rows.text(i, 3),
            .detail = rows.text(i, 4),
            .position = rows.int8(i, 5),
            .event_id = eventstore::to_text(rows.uuid(i, 6)),
            .type = rows.text(i, 7),
            .parked_at = json::format_time_us(rows.timestamp(i, 8)),
            .events = rows.int8(i, 9)};
}

Result<http::Response, http::Problem> projections_of(const http::Request& request,
                                                     const Services& services) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    const auto statuses = routes::with_connection(
        services, request.deadline,
        [](pq::Connection& connection) { return projections::status(connection); });
    std::vector<Projection> rows;
    for (const auto& status : statuses) rows.push_back(shown(status));
    return listing(std::move(rows));
}

Result<http::Response, http::Problem> parked(const http::Request& request,
                                             const Services& services) {
    http::Parameters parameters(request);
    const auto projection = parameters.text("projection", json::text(1, 64, json::Form::code));
    const auto query = http::read_list(parameters, parked_order, *services.cursors);
    if (!query) return unexpected(query.error());
    const auto keyset = routes::keyset_of(*query);
    projections::PageQuery page(parked_sort, query->descending, keyset);
    if (projection) page.where("k.name = ?", *projection);
    const auto rows =
        routes::with_connection(services, request.deadline, [&](pq::Connection& connection) {
            return connection.query(page.statement(api_ops::sql::list_parked), page.params());
        });
    std::vector<ParkedKey> fetched;
    for (int i = 0; i < rows.size(); ++i) fetched.push_back(shown(rows, i));
    const auto key_of = [](const ParkedKey& key) {
        return projections::KeyValues{key.projection, std::to_string(key.partition),
                                      std::to_string(key.position)};
    };
    auto read = projections::page_of(std::move(fetched), keyset, key_of);
    http::Page<ParkedKey> answer;
    answer.data = std::move(read.rows);
    answer.pagination = http::paginate(
        *query, {read.has_next, read.has_prev, read.first, read.last}, *services.cursors);
    return http::json_response(200, json::to_text(answer));
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
                      .doc = {.tag = "ops",
                              .summary = "Keys that are held back, and why",
                              .parameters = http::list_parameter_docs(parked_order),
                              .answers = {{200, "a page", json::shape<http::Page<ParkedKey>>()}}}});
    return routes;
}

}  // namespace skald::ops
