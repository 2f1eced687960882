// Reads a read model as of one moment: live version, cursors and rows in one snapshot, once the
// cursors have reached what the request wants. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

#include "projections/engine/projection.h"
#include "projections/reading/reading.h"

namespace skald::projections {

// How long a query waits for a connection at least, whatever its deadline.
inline constexpr std::chrono::milliseconds connection_wait{500};

// One read-only transaction.
class Snapshot {
  public:
    Snapshot(pq::Connection& connection, std::int32_t version)
        : connection_(connection), version_(version) {}
    // `sql` names the read model's tables by _vN.
    pq::Rows query(std::string_view sql, const pq::Params& params);
    // The same for a statement of which there are many forms: planned each time, kept nowhere.
    pq::Rows query_once(std::string_view sql, const pq::Params& params);

  private:
    pq::Connection& connection_;
    std::int32_t version_;
};

namespace detail {

struct Standing {
    std::int32_t version = 0;
    Heads heads;
    std::int64_t parked_keys = 0;
    std::optional<ParkedNote> parked;
};

// Calls `use` in a snapshot that has reached what is wanted, with how things stand in it.
std::optional<Lagging> with_snapshot(Reading& reading, const Projection& projection,
                                     const std::optional<std::string>& key,
                                     const ReadRequest& request,
                                     const std::function<void(Snapshot&, Standing&)>& use);

}  // namespace detail

// The partition of `heads` that is furthest behind what is wanted, of one partition or of all.
std::optional<Lagging> behind(const std::string& name, const Heads& heads, const Heads& wanted,
                              std::optional<Partition> only);

// The query's answer. With `key` (a partition key) it is about one thing: only that thing's
// partition has to be new enough. `query` takes a Snapshot; it may be called again on a fresh one
// when the connection turns out to be lost. Throws eventstore::Unavailable, too, while the tables
// that are live were filled by another definition than the projection's.
template <class Query>
auto read(Reading& reading, const Projection& projection, const std::optional<std::string>& key,
          const ReadRequest& request, Query query)
    -> ReadResult<std::invoke_result_t<Query, Snapshot&>> {
    Answer<std::invoke_result_t<Query, Snapshot&>> answer;
    const auto lagging = detail::with_snapshot(reading, projection, key, request,
                                               [&](Snapshot& snapshot, detail::Standing& standing) {
                                                   answer.value = query(snapshot);
                                                   answer.heads = std::move(standing.heads);
                                                   answer.parked = std::move(standing.parked);
                                                   answer.parked_keys = standing.parked_keys;
                                               });
    if (lagging) return unexpected(*lagging);
    return answer;
}

}  // namespace skald::projections
