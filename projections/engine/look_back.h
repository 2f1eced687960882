// Gives the events of a run what came before them in their streams, read from the log in the
// projector's own transaction, some events at a time. Used by one thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/engine/projection.h"

namespace skald::projections {

class LookBacks {
  public:
    // `run`: events of the partition in the order of their positions; it outlives this.
    LookBacks(pq::Connection& connection, const Projection& projection,
              eventstore::Partition partition, std::span<const eventstore::StoredEvent> run);

    // What the projection wants to know beside this event of the run, by its LookBack; empty
    // without one. Asked for in the order of the run.
    std::vector<eventstore::StoredEvent> of(const eventstore::StoredEvent& event);

  private:
    const LookBack* look_back_of(const eventstore::StoredEvent& event) const;
    void fetch_from(const eventstore::StoredEvent& event);

    pq::Connection& connection_;
    const Projection& projection_;
    eventstore::Partition partition_;
    std::span<const eventstore::StoredEvent> run_;
    eventstore::Position fetched_;  // up to this event of the run
    std::map<std::string, std::vector<eventstore::StoredEvent>> earlier_;  // by stream
};

}  // namespace skald::projections
