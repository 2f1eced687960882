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

StoredEvent event_in(const pq::Rows& rows, int row) {
    StoredEvent event;
    auto stream = eventstore::StreamName::parse(rows.text(row, 0));
    INVARIANT(stream.has_value());
    event.stream = std::move(*stream);
    event.partition = eventstore::Partition(rows.int4(row, 1));
    event.position = eventstore::Position(rows.int8(row, 2));
    event.version = eventstore::Version(rows.int8(row, 3));
    event.type = rows.text(row, 4);
    event.schema_version = rows.int4(row, 5);
    event.recorded_at = eventstore::RecordedAt(rows.timestamp(row, 6));
    event.data = rows.bytea(row, 7);
    return event;
}

}  // namespace

void LookBacks::expect(eventstore::Partition partition, std::span<const StoredEvent> run) {
    if (projection_.look_backs.empty()) return;
    for (const auto& event : run)
        if (const auto* look_back = look_back_of(event))
            expected_.push_back({partition, &event, look_back});
}

std::vector<StoredEvent> LookBacks::of(const StoredEvent& event) {
    const auto* look_back = look_back_of(event);
    if (look_back == nullptr) return {};
    while (next_ < expected_.size() && expected_[next_].event != &event) ++next_;
    INVARIANT(next_ < expected_.size());
    if (next_ >= fetched_) fetch();
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

void LookBacks::fetch() {
    // Of each stream, what came before the last of its events.
    std::map<std::string, const Expected*> last;
    std::vector<std::string> types;
    fetched_ = std::min(next_ + events_at_once, expected_.size());
    for (auto i = next_; i < fetched_; ++i) {
        const auto& one = expected_[i];
        last[one.event->stream.text()] = &one;
        types.insert(types.end(), one.look_back->earlier.begin(), one.look_back->earlier.end());
    }
    std::ranges::sort(types);
    types.erase(std::ranges::unique(types).begin(), types.end());
    std::vector<std::int32_t> partitions;
    std::vector<std::string> streams;
    std::vector<std::int64_t> versions;
    for (const auto& [stream, one] : last) {
        partitions.push_back(one->partition.value());
        streams.push_back(stream);
        versions.push_back(one->event->version.value());
    }
    earlier_.clear();
    const auto rows = connection_.prepared(sql::read_earlier, pq::Params()
                                                                  .int4_array(partitions)
                                                                  .text_array(streams)
                                                                  .int8_array(versions)
                                                                  .text_array(types));
    for (int i = 0; i < rows.size(); ++i) earlier_[rows.text(i, 0)].push_back(event_in(rows, i));
}

}  // namespace skald::projections
