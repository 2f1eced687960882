#include "eventstore/postgres/pg_relay_progress.h"

#include "eventstore/postgres/sql.h"

namespace skald::eventstore {
namespace sql = eventstore_postgres::sql;

std::vector<RelayNote> read_relay_progress(pq::Connection& connection) {
    const auto rows = connection.prepared(sql::read_relay_progress);
    std::vector<RelayNote> notes;
    for (int i = 0; i < rows.size(); ++i) {
        notes.push_back({Partition(rows.int4(i, 0)),
                         {Position(rows.int8(i, 1)), EventId(rows.uuid(i, 2))},
                         RecordedAt(rows.timestamp(i, 3))});
    }
    return notes;
}

Cursor PgRelayProgress::noted(Partition partition) {
    for (const auto& note : read_relay_progress(session_.get())) {
        if (note.partition == partition) return note.at;
    }
    return {};
}

void PgRelayProgress::note(const std::map<Partition, Cursor>& at) {
    std::vector<std::int32_t> partitions;
    std::vector<std::int64_t> positions;
    std::vector<Uuid> events;
    for (const auto& [partition, cursor] : at) {
        partitions.push_back(partition.value());
        positions.push_back(cursor.position.value());
        events.push_back(cursor.event.value());
    }
    session_.get().prepared(
        sql::note_relay_progress,
        pq::Params().int4_array(partitions).int8_array(positions).uuid_array(events));
}

void PgRelayProgress::forget(Partition partition) {
    session_.get().prepared(sql::forget_relay_progress, pq::Params().int4(partition.value()));
}

}  // namespace skald::eventstore
