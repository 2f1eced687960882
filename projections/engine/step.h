// A follower's step that keeps the live version of a projection's tables: all runs of a round in
// one transaction, and where that cannot be, each in one of its own. One instance belongs to one
// follower, and is used by its thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "eventstore/follower.h"
#include "projections/engine/partition_writer.h"
#include "projections/engine/registry.h"

namespace skald::projections {

// How lazily cursors are moved over what is skipped: not before `pause` has gone by, unless
// somebody in this process is found waiting.
struct Laziness {
    std::chrono::milliseconds pause{0};
    std::function<bool()> awaited = [] { return false; };
};

class ProjectionStep : public eventstore::Step {
  public:
    // Hears of every commit, on the follower's thread.
    using Committed = std::function<void(eventstore::Partition, eventstore::Position)>;

    // `writer` connects as the writer's role. `projection` outlives the step.
    ProjectionStep(const Projection& projection, pq::Settings writer, Committed committed = {},
                   Laziness lazy = {});
    ~ProjectionStep() override;

    // Takes the partition in the version that is live now. Throws std::runtime_error when that was
    // built by another definition than this program's, eventstore::Fenced when another version goes
    // live while it does so.
    eventstore::Cursor open(eventstore::Partition partition) override;
    std::map<eventstore::Partition, eventstore::Cursor> apply_together(
        std::span<const eventstore::RunAt> runs) override;
    eventstore::Cursor apply(eventstore::Partition partition, const eventstore::Cursor& at,
                             std::span<const eventstore::StoredEvent> run) override;
    void close(eventstore::Partition partition) override;
    // Moves the cursors over what was skipped, if no change took them along. Finds out, within a
    // second or so, when a crash of PostgreSQL has lost what was committed last: its partitions are
    // fenced, and what was lost comes again.
    void tick() override;
    std::chrono::milliseconds tick_within() const override;
    void last_tick() override;

  private:
    struct Owned {
        std::int32_t version = 0;
        Place place;                // in the database
        eventstore::Cursor cursor;  // ahead of it by events that change nothing
        std::chrono::steady_clock::time_point behind_since{};
    };
    struct Metrics;
    void see_what_was_lost();
    std::optional<std::chrono::steady_clock::time_point> moves_due() const;
    void move_cursors();
    pq::Connection& connection();
    PartitionWriter& writer_of(std::int32_t version);
    std::vector<Share> shares_of(std::span<const eventstore::RunAt> runs, std::int32_t version);
    bool commit(PartitionWriter& writer, std::span<const Share> shares);
    void took(eventstore::Partition partition, const Place& place);
    void took_time(std::chrono::steady_clock::time_point begun, const PartitionWriter& writer);

    const Projection& projection_;
    pq::Session session_;
    std::uint64_t connections_seen_ = 0;
    std::chrono::steady_clock::time_point looked_{};
    std::chrono::steady_clock::time_point tick_again_{};  // not before, where it failed
    Committed committed_;
    Laziness lazy_;
    std::map<std::int32_t, PartitionWriter> writers_;
    std::map<eventstore::Partition, Owned> owned_;
    std::unique_ptr<Metrics> metrics_;
};

// Applies what waits behind a parked key of the live version; see PartitionWriter::release. For
// operators; the connection is one of the writer's role. Throws std::runtime_error when the live
// version was built by another definition than this program's.
Released release(pq::Connection& connection, const Projection& projection, const std::string& key);

// Makes a connection keep to plans that go through the tables' keys: a plan made while a table was
// empty would otherwise stay for the connection's life.
void pin_plans(pq::Connection& connection);

}  // namespace skald::projections
