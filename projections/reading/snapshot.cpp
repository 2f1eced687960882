#include "projections/reading/snapshot.h"

#include <algorithm>

#include "projections/engine/table_sql.h"
#include "projections/reading/sql.h"

namespace skald::projections {

namespace sql = projections_reading::sql;
using std::chrono::steady_clock;

// Between looks at cursors that projectors of another process may move.
constexpr std::chrono::milliseconds look_again{5};

pq::Rows Snapshot::query(std::string_view sql, const pq::Params& params) {
    return connection_.prepared(at_version(sql, version_), params);
}

pq::Rows Snapshot::query_once(std::string_view sql, const pq::Params& params) {
    return connection_.query(at_version(sql, version_), params);
}

std::optional<Lagging> behind(const std::string& name, const Heads& heads, const Heads& wanted,
                              std::optional<Partition> only) {
    std::optional<Lagging> worst;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Partition partition(static_cast<std::int32_t>(i));
        const Position have = i < heads.size() ? heads[i] : Position(0);
        if ((only && *only != partition) || wanted[i] <= have) continue;
        if (!worst || wanted[i] - have > worst->wanted - worst->have)
            worst = Lagging{name, partition, wanted[i], have};
    }
    return worst;
}

namespace detail {
namespace {

Standing read_standing(pq::Connection& connection, const Projection& projection,
                       const std::optional<std::string>& key) {
    const auto& name = projection.name;
    const auto rows =
        connection.prepared(sql::read_standing, pq::Params().text(name).optional_text(key));
    if (rows.empty())
        throw std::runtime_error("projection " + name + " has no tables: run skald migrate up");
    // Checked with every read: another program may have rebuilt the projection meanwhile.
    if (rows.int4(0, 1) != projection.definition)
        throw eventstore::Unavailable("projection " + name + " was built by definition " +
                                      std::to_string(rows.int4(0, 1)) + ", this program has " +
                                      std::to_string(projection.definition));
    Standing standing;
    standing.version = rows.int4(0, 0);
    for (const auto position : rows.int8_array(0, 2)) standing.heads.emplace_back(position);
    standing.parked_keys = rows.int8(0, 3);
    if (!rows.is_null(0, 4)) standing.parked = ParkedNote{rows.text(0, 4), rows.text(0, 5)};
    return standing;
}

// One look: either uses a snapshot, or tells how far behind it is.
std::optional<Lagging> look(pq::Connection& connection, const Projection& projection,
                            const std::optional<std::string>& key,
                            std::optional<Partition> partition, const Heads& wanted,
                            const std::function<void(Snapshot&, Standing&)>& use) {
    pq::Transaction transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY");
    auto standing = read_standing(connection, projection, key);
    if (auto lagging = behind(projection.name, standing.heads, wanted, partition)) return lagging;
    if (partition) {
        const auto own = static_cast<std::size_t>(partition->value());
        for (std::size_t i = 0; i < standing.heads.size(); ++i)
            if (i != own) standing.heads[i] = Position(0);
    }
    Snapshot snapshot(connection, standing.version);
    use(snapshot, standing);
    transaction.commit();
    return std::nullopt;
}

}  // namespace

std::optional<Lagging> with_snapshot(Reading& reading, const Projection& projection,
                                     const std::optional<std::string>& key,
                                     const ReadRequest& request,
                                     const std::function<void(Snapshot&, Standing&)>& use) {
    std::optional<Partition> partition;
    if (key) partition = eventstore::partition_of(*key, reading.partitions);
    auto& watch = reading.progress.of(projection.name);
    // A connection is worth waiting for even if nothing else is.
    const auto patience = std::max(request.deadline, steady_clock::now() + connection_wait);
    Waits::Place place;
    for (;;) {
        const auto seen = watch.changes();
        std::optional<Lagging> lagging;
        {
            auto connection = reading.pool.acquire(patience);
            try {
                lagging = look(*connection, projection, key, partition, request.wanted, use);
            } catch (const pq::ConnectionLost&) {
                if (connection.fresh()) throw;
                continue;  // it had gone stale in the pool
            }
        }
        if (!lagging) return std::nullopt;
        const auto left = request.deadline - steady_clock::now();
        const bool ended = reading.waits && reading.waits->ended();
        if (left <= steady_clock::duration::zero() || ended) return lagging;
        if (!place.take(reading.waits)) {
            lagging->again_until = request.deadline;
            return lagging;
        }
        watch.wait(seen, std::min(look_again, std::chrono::ceil<std::chrono::milliseconds>(left)));
    }
}

}  // namespace detail
}  // namespace skald::projections
