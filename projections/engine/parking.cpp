#include "projections/engine/parking.h"

#include <limits>

#include "domain/kernel/invariant.h"
#include "projections/engine/sql.h"

namespace skald::projections {

namespace sql = projections_engine::sql;
using eventstore::Partition;
using eventstore::StoredEvent;

std::vector<ParkedKey> Parking::keys(pq::Connection& connection, Partition partition) {
    const auto rows =
        connection.prepared(sql::read_parked_of_partition, named().int4(partition.value()));
    std::vector<ParkedKey> keys;
    for (int i = 0; i < rows.size(); ++i)
        keys.push_back({rows.text(i, 0), rows.text(i, 1), rows.text(i, 2), rows.int4(i, 3)});
    return keys;
}

pq::Statement Parking::park(Partition partition,
                            const std::vector<std::pair<const StoredEvent*, Poison>>& first) {
    std::vector<std::string> keys;
    std::vector<std::string> reasons;
    std::vector<std::string> details;
    std::vector<std::int64_t> positions;
    std::vector<eventstore::Uuid> ids;
    for (const auto& [event, poison] : first) {
        keys.emplace_back(event->stream.partition_key());
        reasons.push_back(poison.reason);
        details.push_back(poison.detail);
        positions.push_back(event->position.value());
        ids.push_back(event->id.value());
    }
    return {sql::park_keys, named()
                                .int4(partition.value())
                                .text_array(keys)
                                .text_array(reasons)
                                .text_array(details)
                                .int8_array(positions)
                                .uuid_array(ids)};
}

pq::Statement Parking::enqueue(Partition partition, const std::vector<const StoredEvent*>& events) {
    std::vector<std::string> keys, streams, types, data;
    std::vector<std::int64_t> positions, versions, times;
    std::vector<std::int32_t> schema_versions;
    std::vector<eventstore::Uuid> ids;
    for (const auto* event : events) {
        keys.emplace_back(event->stream.partition_key());
        positions.push_back(event->position.value());
        streams.push_back(event->stream.text());
        versions.push_back(event->version.value());
        types.push_back(event->type);
        schema_versions.push_back(event->schema_version);
        ids.push_back(event->id.value());
        times.push_back(event->recorded_at.value());
        data.push_back(event->data);
    }
    return {sql::queue_events, named()
                                   .int4(partition.value())
                                   .text_array(keys)
                                   .int8_array(positions)
                                   .text_array(streams)
                                   .int8_array(versions)
                                   .text_array(types)
                                   .int4_array(schema_versions)
                                   .uuid_array(ids)
                                   .timestamp_array(times)
                                   .bytea_array(data)};
}

std::vector<StoredEvent> Parking::queue(pq::Connection& connection, Partition partition,
                                        const std::string& key) {
    const auto rows = connection.prepared(sql::read_queue, named().text(key));
    std::vector<StoredEvent> events;
    for (int i = 0; i < rows.size(); ++i) {
        auto stream = eventstore::StreamName::parse(rows.text_view(i, 1));
        INVARIANT(stream.has_value());
        StoredEvent event;
        event.partition = partition;
        event.position = eventstore::Position(rows.int8(i, 0));
        event.stream = std::move(*stream);
        event.version = eventstore::Version(rows.int8(i, 2));
        event.type = rows.text(i, 3);
        event.schema_version = rows.int4(i, 4);
        event.id = eventstore::EventId(rows.uuid(i, 5));
        event.recorded_at = eventstore::RecordedAt(rows.timestamp(i, 6));
        event.data = rows.bytea(i, 7);
        events.push_back(std::move(event));
    }
    return events;
}

void Parking::unpark(pq::Connection& connection, const std::string& key) {
    constexpr auto all = std::numeric_limits<std::int64_t>::max();
    connection.prepared(sql::unqueue_events, named().text(key).int8(all));
    connection.prepared(sql::unpark_key, named().text(key));
}

void Parking::repark(pq::Connection& connection, const std::string& key, const StoredEvent& next,
                     const Poison& poison) {
    connection.prepared(sql::unqueue_events, named().text(key).int8(next.position.value()));
    connection.prepared(sql::repark_key, named()
                                             .text(key)
                                             .text(poison.reason)
                                             .text(poison.detail)
                                             .int8(next.position.value())
                                             .uuid(next.id.value()));
}

}  // namespace skald::projections
