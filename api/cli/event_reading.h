// Reads the events an operator asked for, page by page, in the order of the log. One thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "eventstore/log.h"

namespace skald::cli {

struct EventQuery {
    std::optional<std::int32_t> partition;
    std::optional<std::string> stream;
    std::int64_t after = 0;       // a position
    std::set<std::string> types;  // empty: all
    std::int64_t limit = 0;       // 0: no limit
};

// False: enough.
using TakeEvent = std::function<bool(const eventstore::StoredEvent&)>;

// The partitions that can hold what is asked for. Throws Misused for a name or number that cannot
// be.
std::vector<eventstore::Partition> partitions_of(const EventQuery& query, std::int32_t partitions);
bool matches(const EventQuery& query, const eventstore::StoredEvent& event);

// Hands over what the log holds now, up to its heads at this moment.
void read_events(eventstore::Log& log, const EventQuery& query, const TakeEvent& take);
// All events of a stream, in their order.
void read_stream(eventstore::Log& log, const eventstore::StreamName& stream, const TakeEvent& take);
// Hands over what comes from now on (or from `after` on, where one is given), for ever, or until
// enough.
void tail_events(eventstore::Log& log, const EventQuery& query, bool from_start,
                 const TakeEvent& take);

}  // namespace skald::cli
