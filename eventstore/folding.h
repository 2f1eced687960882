// From snapshots and events to states.
#pragma once

#include <vector>

#include "eventstore/state_cache.h"

namespace skald::eventstore {

// Folds those of the events that come behind the state. False at one that does not follow. Throws
// CorruptStream.
bool fold_on(CachedState& state, const Fold& fold, const std::vector<StoredEvent>& events);

// Throws CorruptStream when the snapshot holds no state.
CachedState state_of(const Snapshot& snapshot, const Fold& fold);

}  // namespace skald::eventstore
