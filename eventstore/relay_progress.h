// How far each partition has been published, noted for people and for the day the topic is found
// empty. The relay's real cursor is the topic itself. One thread.
#pragma once

#include <map>

#include "eventstore/step.h"

namespace skald::eventstore {

class RelayProgress {
  public:
    virtual ~RelayProgress() = default;
    // The last position noted; the cursor before the first if there is none. Throws Unavailable.
    virtual Cursor noted(Partition partition) = 0;
    // All or none. Never goes back: a relay that was replaced and does not know it yet must not
    // undo what its successor noted.
    virtual void note(const std::map<Partition, Cursor>& at) = 0;
    // Forgets the partition: it is published again from its first event on.
    virtual void forget(Partition partition) = 0;
};

}  // namespace skald::eventstore
