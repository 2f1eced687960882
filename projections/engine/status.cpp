#include "projections/engine/status.h"

#include "projections/engine/sql.h"

namespace skald::projections {

namespace sql = projections_engine::sql;
using eventstore::Partition;
using eventstore::Position;

std::int64_t ProjectionStatus::lag() const {
    std::int64_t events = 0;
    for (const auto& one : partitions) events += one.head - one.position;
    return events;
}

std::int64_t ProjectionStatus::parked_keys() const {
    std::int64_t keys = 0;
    for (const auto& one : partitions) keys += one.parked_keys;
    return keys;
}

std::vector<ProjectionStatus> status(pq::Connection& connection) {
    const auto rows = connection.query(sql::read_status);
    std::vector<ProjectionStatus> all;
    for (int i = 0; i < rows.size(); ++i) {
        const auto name = rows.text(i, 0);
        if (all.empty() || all.back().name != name)
            all.push_back({name, rows.int4(i, 1), rows.int4(i, 2), {}, versions(connection, name)});
        all.back().partitions.push_back({Partition(rows.int4(i, 3)), Position(rows.int8(i, 4)),
                                         Position(rows.int8(i, 5)), rows.timestamp(i, 6),
                                         rows.int8(i, 7)});
    }
    return all;
}

std::vector<ParkedStatus> parked(pq::Connection& connection,
                                 const std::optional<std::string>& projection, std::int64_t limit) {
    const auto rows =
        connection.query(sql::read_parked, pq::Params().optional_text(projection).int8(limit));
    std::vector<ParkedStatus> all;
    for (int i = 0; i < rows.size(); ++i)
        all.push_back({rows.text(i, 0), Partition(rows.int4(i, 1)), rows.text(i, 2),
                       rows.text(i, 3), rows.text(i, 4), Position(rows.int8(i, 5)),
                       eventstore::EventId(rows.uuid(i, 6)), rows.text(i, 7), rows.timestamp(i, 8),
                       rows.int8(i, 9)});
    return all;
}

}  // namespace skald::projections
