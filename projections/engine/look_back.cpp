#include "projections/engine/look_back.h"

#include <algorithm>
#include <iterator>

#include "domain/kernel/invariant.h"
#include "projections/engine/sql.h"

namespace skald::projections {

namespace sql = projections_engine::sql;
using eventstore::StoredEvent;

namespace {

// An event has up to 256 KiB: what is looked back at has to fit into memory.
constexpr std::size_t events_at_once = 100;

StoredEvent event_in(const pq::Rows& rows, int row, eventstore::Partition partition) {
    StoredEvent event;
    auto stream = eventstore::StreamName::parse(rows.text(row, 0));
    INVARIANT(stream.has_value());
    event.stream = std::move(*stream);
    event.partition = partition;
    event.position = eventstore::Position(rows.int8(row, 1));
    event.version = eventstore::Version(rows.int8(row, 2));
    event.type = rows.text(row, 3);
    event.schema_version = rows.int4(row, 4);
    event.recorded_at = eventstore::RecordedAt(rows.timestamp(row, 5));
    event.data = rows.bytea(row, 6);
    return event;
}

}  // namespace

LookBacks::LookBacks(pq::Connection& connection, const Projection& projection,
                     eventstore::Partition partition, std::span<const StoredEvent> run)
    : connection_(connection), projection_(projection), partition_(partition), run_(run) {}

std::vector<StoredEvent> LookBacks::of(const StoredEvent& event) {
    const auto* look_back = look_back_of(event);
    if (look_back == nullptr) return {};
    if (event.position > fetched_) fetch_from(event);
    std::vector<StoredEvent> earlier;
    const auto known = earlier_.find(event.stream.text());
    if (known == earlier_.end()) return earlier;
    std::ranges::copy_if(known->second, std::back_inserter(earlier), [&](const StoredEvent& one) {
        return one.version < event.version &&
               std::ranges::find(look_back->earlier, one.type) != look_back->earlier.end();
    });
    return earlier;
}

const LookBack* LookBacks::look_back_of(const StoredEvent& event) const {
    const auto found = std::ranges::find(projection_.look_backs, event.type, &LookBack::type);
    return found == projection_.look_backs.end() ? nullptr : &*found;
}

void LookBacks::fetch_from(const StoredEvent& event) {
    std::map<std::string, std::int64_t> before;
    std::vector<std::string> types;
    std::size_t events = 0;
    for (const auto& one : run_) {
        if (one.position < event.position) continue;
        const auto* look_back = look_back_of(one);
        if (look_back == nullptr) continue;
        if (events++ == events_at_once) break;
        before[one.stream.text()] = one.version.value();
        types.insert(types.end(), look_back->earlier.begin(), look_back->earlier.end());
        fetched_ = one.position;
    }
    std::ranges::sort(types);
    types.erase(std::ranges::unique(types).begin(), types.end());
    std::vector<std::string> streams;
    std::vector<std::int64_t> versions;
    for (const auto& [stream, version] : before) {
        streams.push_back(stream);
        versions.push_back(version);
    }
    earlier_.clear();
    const auto rows = connection_.prepared(sql::read_earlier, pq::Params()
                                                                  .int4(partition_.value())
                                                                  .text_array(streams)
                                                                  .int8_array(versions)
                                                                  .text_array(types));
    for (int i = 0; i < rows.size(); ++i)
        earlier_[rows.text(i, 0)].push_back(event_in(rows, i, partition_));
}

}  // namespace skald::projections
