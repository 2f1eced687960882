// Gives events what came before them in their streams, read from the log some events at a time,
// whatever partitions they are of. What has come before an event never changes, so it does not
// matter in which transaction it is read. Used by one thread.
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
    LookBacks(pq::Connection& connection, const Projection& projection)
        : connection_(connection), projection_(projection) {}

    // Events that will be asked about, those of one partition in the order of their positions. They
    // outlive this.
    void expect(eventstore::Partition partition, std::span<const eventstore::StoredEvent> run);

    // What the projection wants to know beside this event, by its LookBack; empty without one.
    // Asked for in the order in which they were expected.
    std::vector<eventstore::StoredEvent> of(const eventstore::StoredEvent& event);

  private:
    struct Expected {
        eventstore::Partition partition;
        const eventstore::StoredEvent* event;
        const LookBack* look_back;
    };
    const LookBack* look_back_of(const eventstore::StoredEvent& event) const;
    void fetch();

    pq::Connection& connection_;
    const Projection& projection_;
    std::vector<Expected> expected_;
    std::size_t next_ = 0;     // the one that is asked about next
    std::size_t fetched_ = 0;  // so many are known
    std::map<std::string, std::vector<eventstore::StoredEvent>> earlier_;  // by stream
};

}  // namespace skald::projections
