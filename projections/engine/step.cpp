#include "projections/engine/step.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"
#include "projections/engine/sql.h"

namespace skald::projections {

namespace sql = projections_engine::sql;
using eventstore::Cursor;
using eventstore::Partition;
using eventstore::RunAt;
using eventstore::StoredEvent;

struct ProjectionStep::Metrics {
    explicit Metrics(const std::string& name)
        : events(diagnostics::counter("skald_projection_events_total",
                                      "Events a projection has taken, skipped ones included",
                                      {{"projection", name}})),
          parked(diagnostics::gauge("skald_projection_parked_keys",
                                    "Partition keys held back, of the partitions of this process",
                                    {{"projection", name}})),
          commit(diagnostics::duration_histogram("skald_projection_apply_seconds",
                                                 "Time to apply and commit a run of events",
                                                 {{"projection", name}})) {}
    prometheus::Counter& events;
    prometheus::Gauge& parked;
    prometheus::Histogram& commit;
};

namespace {

// How far behind what was skipped the database's cursor may be while it cannot be reached.
constexpr std::chrono::seconds behind_at_most{5};
// How often the cursors are looked at, whether they are where they were left.
constexpr std::chrono::seconds look_period{1};
// How long nothing is asked of PostgreSQL when it gave no answer.
constexpr std::chrono::milliseconds pause_behind_a_failure{100};

[[noreturn]] void refuse(pq::Connection& connection, const Projection& projection) {
    const auto problems = installation_problems(connection, {&projection});
    throw std::runtime_error(problems.empty() ? "projection changed meanwhile" : problems.front());
}

}  // namespace

ProjectionStep::ProjectionStep(const Projection& projection, pq::Settings writer,
                               Committed committed, Laziness lazy)
    : projection_(projection),
      session_(std::move(writer)),
      committed_(std::move(committed)),
      lazy_(std::move(lazy)),
      metrics_(std::make_unique<Metrics>(projection.name)) {}

ProjectionStep::~ProjectionStep() = default;

pq::Connection& ProjectionStep::connection() {
    auto& connection = session_.get();
    if (connections_seen_ != session_.connections_made()) {
        pin_plans(connection);
        connection.prepared(sql::commit_later);
        connections_seen_ = session_.connections_made();
    }
    return connection;
}

PartitionWriter& ProjectionStep::writer_of(std::int32_t version) {
    return writers_.try_emplace(version, projection_, version).first->second;
}

Cursor ProjectionStep::open(Partition partition) {
    auto& pg = connection();
    const auto live = live_version(pg, projection_.name);
    if (!live || live->definition != projection_.definition) refuse(pg, projection_);
    auto& writer = writer_of(live->version);
    const auto place = writer.open(pg, partition);
    // A rebuild's switch locks the cursors until it commits: one that was under way is over now.
    const auto now = live_version(pg, projection_.name);
    if (!now || now->version != live->version || now->generation != live->generation) {
        writer.close(partition);
        throw eventstore::Fenced("another version of projection " + projection_.name +
                                 " went live meanwhile");
    }
    owned_[partition] = {live->version, place, place.cursor};
    metrics_->parked.Set(static_cast<double>(writer.parked_keys()));
    if (committed_) committed_(partition, place.cursor.position);
    return place.cursor;
}

std::map<Partition, Cursor> ProjectionStep::apply_together(std::span<const RunAt> runs) {
    std::set<std::int32_t> versions;  // more than one for a moment behind a rebuild's switch
    for (const auto& run : runs)
        if (const auto owned = owned_.find(run.partition); owned != owned_.end())
            versions.insert(owned->second.version);
    std::map<Partition, Cursor> taken;
    for (const auto version : versions) {
        const auto begun = std::chrono::steady_clock::now();
        auto& writer = writer_of(version);
        const auto shares = shares_of(runs, version);
        const auto changes = [&](const Share& share) { return !writer.only_moves(share.run); };
        // One alone, and what only moves cursors, is as well off with apply().
        if (shares.size() < 2 || std::ranges::none_of(shares, changes)) continue;
        if (!commit(writer, shares)) continue;
        for (const auto& share : shares) {
            metrics_->events.Increment(static_cast<double>(share.run.size()));
            took(share.partition, {share.to, share.at.revision + 1});
            taken[share.partition] = share.to;
        }
        took_time(begun, writer);
    }
    return taken;
}

// The runs of partitions that stand where the runs begin, and the cursors that were not moved yet.
std::vector<Share> ProjectionStep::shares_of(std::span<const RunAt> runs, std::int32_t version) {
    std::vector<Share> shares;
    std::set<Partition> running;
    for (const auto& [partition, at, run] : runs) {
        running.insert(partition);
        const auto owned = owned_.find(partition);
        if (owned == owned_.end() || owned->second.version != version || owned->second.cursor != at)
            continue;
        shares.push_back({partition, owned->second.place, eventstore::cursor_at(run.back()), run});
    }
    for (const auto& [partition, owned] : owned_)
        if (owned.version == version && owned.cursor != owned.place.cursor &&
            !running.contains(partition))
            shares.push_back({partition, owned.place, owned.cursor, {}});
    return shares;
}

// False: nothing is written, and each of them is to be tried by itself.
bool ProjectionStep::commit(PartitionWriter& writer, std::span<const Share> shares) {
    try {
        writer.apply_together(connection(), shares);
        return true;
    } catch (const eventstore::Unavailable&) {
        throw;
    } catch (const std::exception& error) {  // Fenced, ChangesRefused, pq::Error; bugs about one
        diagnostics::log_debug("a round is applied partition by partition",
                               {{"projection", projection_.name}, {"why", error.what()}});
        return false;
    }
}

void ProjectionStep::took(Partition partition, const Place& place) {
    auto& owned = owned_.at(partition);
    owned.place = place;
    owned.cursor = place.cursor;
    if (committed_) committed_(partition, place.cursor.position);
}

void ProjectionStep::took_time(std::chrono::steady_clock::time_point begun,
                               const PartitionWriter& writer) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    metrics_->commit.Observe(took.count());
    metrics_->parked.Set(static_cast<double>(writer.parked_keys()));
}

Cursor ProjectionStep::apply(Partition partition, const Cursor& at,
                             std::span<const StoredEvent> run) {
    const auto found = owned_.find(partition);
    if (found == owned_.end() || found->second.cursor != at)
        throw eventstore::Fenced("the partition was not opened at this cursor");
    auto& owned = found->second;
    const auto begun = std::chrono::steady_clock::now();
    auto& writer = writer_of(owned.version);
    metrics_->events.Increment(static_cast<double>(run.size()));
    if (writer.only_moves(run)) {
        if (owned.cursor == owned.place.cursor) owned.behind_since = begun;
        if (begun - owned.behind_since > behind_at_most)
            throw eventstore::Unavailable("the cursor cannot be moved");
        return owned.cursor = eventstore::cursor_at(run.back());
    }
    took(partition, writer.apply(connection(), partition, owned.place, run));
    took_time(begun, writer);
    return owned.cursor;
}

// What PostgreSQL had not flushed is gone after a crash, and with it the connection: a partition
// that nothing happens in would never find out.
void ProjectionStep::see_what_was_lost() {
    const auto now = std::chrono::steady_clock::now();
    if (owned_.empty() || now - looked_ < look_period) return;
    looked_ = now;
    std::map<std::int32_t, std::vector<std::pair<Partition, Place>>> places;  // by version
    for (const auto& [partition, owned] : owned_)
        places[owned.version].emplace_back(partition, owned.place);
    std::vector<Partition> moved;
    for (const auto& [version, of_version] : places) {
        std::vector<std::int32_t> partitions;
        std::vector<std::int64_t> positions, revisions;
        for (const auto& [partition, place] : of_version) {
            partitions.push_back(partition.value());
            positions.push_back(place.cursor.position.value());
            revisions.push_back(place.revision);
        }
        const auto rows = connection().prepared(sql::find_moved, pq::Params()
                                                                     .text(projection_.name)
                                                                     .int4(version)
                                                                     .int4_array(partitions)
                                                                     .int8_array(positions)
                                                                     .int8_array(revisions));
        for (int i = 0; i < rows.size(); ++i) moved.emplace_back(rows.int4(i, 0));
    }
    if (!moved.empty())
        throw eventstore::PartitionsFenced(
            std::move(moved), "a cursor of projection " + projection_.name +
                                  " is not where it was left: another owner has moved it, or "
                                  "PostgreSQL has lost what it did last");
}

// When the first of the cursors that are behind what was skipped has to be moved.
std::optional<std::chrono::steady_clock::time_point> ProjectionStep::moves_due() const {
    std::optional<std::chrono::steady_clock::time_point> due;
    for (const auto& [partition, owned] : owned_) {
        if (owned.cursor == owned.place.cursor) continue;
        const auto of_this = owned.behind_since + lazy_.pause;
        due = due ? std::min(*due, of_this) : of_this;
    }
    return due;
}

void ProjectionStep::tick() {
    const auto now = std::chrono::steady_clock::now();
    if (now < tick_again_) return;
    tick_again_ = now + pause_behind_a_failure;
    see_what_was_lost();
    if (const auto due = moves_due(); due && (now >= *due || lazy_.awaited())) move_cursors();
    tick_again_ = {};
}

std::chrono::milliseconds ProjectionStep::tick_within() const {
    const auto due = moves_due();
    if (!due) return Step::tick_within();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(*due, tick_again_) - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds(0));
}

void ProjectionStep::last_tick() { move_cursors(); }

void ProjectionStep::move_cursors() {
    std::map<std::int32_t, std::map<Partition, PartitionWriter::Move>> moves;  // by version
    for (const auto& [partition, owned] : owned_)
        if (owned.cursor != owned.place.cursor)
            moves[owned.version][partition] = {owned.place, owned.cursor};
    std::vector<Partition> fenced;
    for (const auto& [version, of_version] : moves) {
        const auto moved = writer_of(version).move(connection(), of_version);
        for (const auto& [partition, move] : of_version) {
            const auto now = moved.find(partition);
            if (now == moved.end()) {
                fenced.push_back(partition);
                continue;
            }
            took(partition, {move.to, now->second});
        }
    }
    if (!fenced.empty())
        throw eventstore::PartitionsFenced(
            std::move(fenced),
            "a cursor of projection " + projection_.name + " was moved by another owner");
}

void ProjectionStep::close(Partition partition) {
    const auto owned = owned_.find(partition);
    if (owned == owned_.end()) return;
    auto& writer = writer_of(owned->second.version);
    writer.close(partition);
    metrics_->parked.Set(static_cast<double>(writer.parked_keys()));
    owned_.erase(owned);
}

Released release(pq::Connection& connection, const Projection& projection, const std::string& key) {
    for (;;) {
        const auto live = live_version(connection, projection.name);
        if (!live || live->definition != projection.definition) refuse(connection, projection);
        const auto found =
            connection.query(sql::find_parked_key, pq::Params().text(projection.name).text(key));
        if (found.empty()) return {};
        if (found.int4(0, 0) != live->version) continue;
        try {
            PartitionWriter writer(projection, live->version);
            return writer.release(connection, Partition(found.int4(0, 1)), key);
        } catch (const eventstore::Fenced&) {  // a rebuild's switch: again, in the new version
        }
    }
}

void pin_plans(pq::Connection& connection) { connection.query(sql::pin_plans); }

}  // namespace skald::projections
