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

void PgRelayProgress::note(Partition partition, const Cursor& at) {
    session_.get().prepared(
        sql::note_relay_progress,
        pq::Params().int4(partition.value()).int8(at.position.value()).uuid(at.event.value()));
}

void PgRelayProgress::forget(Partition partition) {
    session_.get().prepared(sql::forget_relay_progress, pq::Params().int4(partition.value()));
}

}  // namespace skald::eventstore
