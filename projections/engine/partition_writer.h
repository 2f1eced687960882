// Applies runs of events to one version of a projection: one transaction for the runs of one or
// several partitions, which first moves the partitions' cursors by compare-and-set and then writes
// rows and parked events. Used by one thread with one connection.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "eventstore/follower.h"
#include "projections/engine/look_back.h"
#include "projections/engine/parking.h"
#include "projections/engine/table_writer.h"

namespace skald::projections {

// Where a partition stands: the cursor, and the revision that tells its owners apart.
struct Place {
    eventstore::Cursor cursor;
    std::int64_t revision = 0;
};

// What a transaction does for a partition: from its place to a cursor by a run of events; what lies
// before and behind the run is skipped.
struct Share {
    eventstore::Partition partition;
    Place at;
    eventstore::Cursor to;
    std::span<const eventstore::StoredEvent> run;
};

struct Released {
    bool was_parked = false;
    std::int64_t applied = 0;            // events taken from the queue
    std::optional<Poison> still_parked;  // what stands in the way now
};

class PartitionWriter {
  public:
    PartitionWriter(const Projection& projection, std::int32_t version);

    // Takes the partition over: an earlier owner's next apply() is fenced. Releases the keys that
    // wait for types which this program knows.
    Place open(pq::Connection& connection, eventstore::Partition partition);

    void close(eventstore::Partition partition) { parked_.erase(partition); }

    // Whether all that the run comes to is that the cursor moves.
    bool only_moves(std::span<const eventstore::StoredEvent> run) const;
    // Moves the cursors of partitions whose runs came to no more than that, in one statement;
    // answers with the revisions they have then. Those that others have moved are left out.
    struct Move {
        Place from;
        eventstore::Cursor to;
    };
    std::map<eventstore::Partition, std::int64_t> move(
        pq::Connection& connection, const std::map<eventstore::Partition, Move>& moves);

    // Applies a run of events behind `at`; what lies between is skipped. Throws eventstore::Fenced,
    // with nothing written, when `at` is not where the partition stands. A run that the tables
    // refuse is cut down to the event they refuse, whose key is parked. A run that takes longer
    // than a statement may is cut in two, and again, so far as it can be.
    Place apply(pq::Connection& connection, eventstore::Partition partition, const Place& at,
                std::span<const eventstore::StoredEvent> run);

    // Applies runs of several partitions in one transaction, after which each stands at its `to`
    // with the revision raised by one. Throws, with nothing written, eventstore::Fenced when one of
    // them does not stand where it should, ChangesRefused when the tables refuse one of the events,
    // pq::Error when a statement is cut off: apply() then tells which partition it was.
    void apply_together(pq::Connection& connection, std::span<const Share> shares) {
        commit(connection, shares, std::nullopt);
    }

    // Applies what waits behind a parked key, as far as it can be applied, under the cursor's row
    // lock. The partition's owner, if it is another one, is fenced and opens again. Throws
    // eventstore::Fenced, with nothing written, when the version is not the live one.
    Released release(pq::Connection& connection, eventstore::Partition partition,
                     const std::string& key);

    // Of the partitions that are open.
    std::size_t parked_keys() const;

  private:
    struct Plan;
    Plan planned(const Share& share, LookBacks& look_backs,
                 const std::optional<Poison>& refused) const;
    // `refused`: why the one event that there is cannot be applied.
    void commit(pq::Connection& connection, std::span<const Share> shares,
                const std::optional<Poison>& refused);
    pq::Statement moved(std::span<const Share> shares) const;
    void note_parked(eventstore::Partition partition, const Plan& plan);
    // Why the event cannot become changes, or the changes.
    Result<Changes, Poison> changes_of(const eventstore::StoredEvent& event,
                                       LookBacks& look_backs) const;
    bool skips(const eventstore::StoredEvent& event) const;
    std::optional<Poison> try_write(pq::Connection& connection, eventstore::Partition partition,
                                    const eventstore::StoredEvent& event, std::int64_t revision);

    const Projection& projection_;
    std::int32_t version_;
    Parking parking_;
    TableWriter tables_;
    std::map<eventstore::Partition, std::set<std::string, std::less<>>> parked_;
};

}  // namespace skald::projections
