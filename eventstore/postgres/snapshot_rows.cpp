#include "eventstore/postgres/snapshot_rows.h"

#include <string>

namespace skald::eventstore {

pq::Params params_of(std::span<const SnapshotWanted> wanted, std::int32_t partitions) {
    std::vector<std::int32_t> numbers, revisions;
    std::vector<std::string> names;
    for (const auto& [stream, revision] : wanted) {
        numbers.push_back(partition_of(stream.partition_key(), partitions).value());
        names.push_back(stream.text());
        revisions.push_back(revision);
    }
    pq::Params params;
    params.int4_array(numbers).text_array(names).int4_array(revisions);
    return params;
}

pq::Params params_of(std::span<const Snapshot> snapshots, std::int32_t partitions) {
    std::vector<std::int32_t> numbers, seqs, revisions;
    std::vector<std::string> names, states;
    std::vector<std::int64_t> versions, times;
    std::vector<Uuid> commands;
    for (const auto& snapshot : snapshots) {
        numbers.push_back(partition_of(snapshot.stream.partition_key(), partitions).value());
        names.push_back(snapshot.stream.text());
        versions.push_back(snapshot.version.value());
        commands.push_back(snapshot.last.command.value());
        seqs.push_back(snapshot.last.command_seq);
        times.push_back(snapshot.last.recorded_at.value());
        revisions.push_back(snapshot.revision);
        states.push_back(snapshot.state);
    }
    pq::Params params;
    params.int4_array(numbers).text_array(names).int8_array(versions).uuid_array(commands);
    params.int4_array(seqs).timestamp_array(times).int4_array(revisions).bytea_array(states);
    return params;
}

std::vector<Snapshot> snapshots_of(const pq::Rows& rows) {
    std::vector<Snapshot> found;
    for (int i = 0; i < rows.size(); ++i) {
        const EventMark last{CommandId(rows.uuid(i, 2)), rows.int4(i, 3),
                             RecordedAt(rows.timestamp(i, 4))};
        found.push_back({*StreamName::parse(rows.text_view(i, 0)), Version(rows.int8(i, 1)), last,
                         rows.int4(i, 5), rows.bytea(i, 6)});
    }
    return found;
}

}  // namespace skald::eventstore
