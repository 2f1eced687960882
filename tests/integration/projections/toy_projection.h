// A projection small enough to see through, for tests of the engine: boxes that are opened, filled,
// labelled and thrown away, and a count of all that was filled in, over all boxes.
#pragma once

#include <string>
#include <vector>

#include "eventstore/types.h"
#include "projections/engine/projection.h"

namespace skald::tests {

// Events: toy.opened (data: label), toy.filled (data: number), toy.labelled (data: label),
// toy.dropped. toy.noise is known and not subscribed to; toy.broken cannot be decoded; all else is
// unknown, toy.later unless `knows_later`. A box's content is never negative, and a filling makes
// the total of its kind (the label's first letter is not known here, so: "all") in each partition.
projections::Projection toy_projection(bool knows_later = false);

// Events of one partition as a log would hold them, positions from 1.
class ToyLog {
  public:
    explicit ToyLog(eventstore::Partition partition) : partition_(partition) {}
    ToyLog& add(const std::string& box, const std::string& type, const std::string& data = "");
    const std::vector<eventstore::StoredEvent>& events() const { return events_; }

  private:
    eventstore::Partition partition_;
    std::vector<eventstore::StoredEvent> events_;
};

}  // namespace skald::tests
