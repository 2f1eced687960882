// /ops/relay and /ops/leases: how far the log is published, and who follows which partition.
#include "api/http/parameters.h"
#include "api/json/time.h"
#include "api/ops/listing.h"
#include "api/ops/routes.h"
#include "api/routes/query_route.h"
#include "eventstore/postgres/pg_leases.h"
#include "eventstore/postgres/pg_relay_progress.h"

namespace skald::ops {

// `position`: noted now and then by the relay, whose real cursor is the topic. `noted_at` is null
// where nothing was published yet.
struct RelayPartition {
    std::int32_t partition = 0;
    std::int64_t position = 0;
    std::int64_t head = 0;
    std::int64_t lag = 0;
    std::optional<std::string> noted_at;
};
BOOST_DESCRIBE_STRUCT(RelayPartition, (), (partition, position, head, lag, noted_at))

struct Lease {
    std::string follower;
    std::int32_t partition = 0;
    std::string owner;
    std::int64_t epoch = 0;
    std::int64_t left_ms = 0;
};
BOOST_DESCRIBE_STRUCT(Lease, (), (follower, partition, owner, epoch, left_ms))

namespace {

using routes::Services;

Result<http::Response, http::Problem> relay(const http::Request& request,
                                            const Services& services) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    const auto notes = routes::with_connection(
        services, request.deadline,
        [](pq::Connection& connection) { return eventstore::read_relay_progress(connection); });
    // Asked for after the notes, so that no partition seems to be ahead of the log.
    const auto heads =
        services.log->with(request.deadline, [](eventstore::Log& log) { return log.heads(); });
    std::vector<RelayPartition> rows;
    for (const auto& head : heads) {
        rows.push_back({.partition = static_cast<std::int32_t>(rows.size()),
                        .position = 0,
                        .head = head.value(),
                        .lag = head.value(),
                        .noted_at = std::nullopt});
    }
    for (const auto& note : notes) {
        auto& row = rows.at(static_cast<std::size_t>(note.partition.value()));
        row.position = note.at.position.value();
        row.lag = row.head - row.position;
        row.noted_at = json::format_time_us(note.noted_at.value());
    }
    return listing(std::move(rows));
}

Result<http::Response, http::Problem> leases(const http::Request& request,
                                             const Services& services) {
    http::Parameters parameters(request);
    if (auto problem = parameters.problem()) return unexpected(std::move(*problem));
    const auto held = routes::with_connection(
        services, request.deadline,
        [](pq::Connection& connection) { return eventstore::read_leases(connection); });
    std::vector<Lease> rows;
    for (const auto& lease : held) {
        rows.push_back({.follower = lease.name,
                        .partition = lease.partition.value(),
                        .owner = lease.owner,
                        .epoch = lease.epoch,
                        .left_ms = lease.left.count()});
    }
    return listing(std::move(rows));
}

}  // namespace

std::vector<http::Route> relay_routes(const Services& services) {
    std::vector<http::Route> routes;
    routes.push_back({.method = "GET",
                      .path = "/ops/relay",
                      .handler = routes::guarded(
                          [&services](const auto& request) { return relay(request, services); }),
                      .doc = {.tag = "ops", .summary = "How far each partition is published"}});
    routes.push_back({.method = "GET",
                      .path = "/ops/leases",
                      .handler = routes::guarded(
                          [&services](const auto& request) { return leases(request, services); }),
                      .doc = {.tag = "ops", .summary = "Who follows which partition"}});
    return routes;
}

}  // namespace skald::ops
