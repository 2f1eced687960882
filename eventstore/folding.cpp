#include "eventstore/folding.h"

namespace skald::eventstore {

bool fold_on(CachedState& state, const Fold& fold, const std::vector<StoredEvent>& events) {
    for (const auto& event : events) {
        if (event.version <= state.version) continue;
        if (event.version != state.version + 1) return false;
        fold.apply(state.state, event);
        state.version = event.version;
        state.last = mark_of(event);
    }
    state.complete_at.reset();
    return true;
}

CachedState state_of(const Snapshot& snapshot, const Fold& fold) {
    auto state = fold.from_bytes(snapshot.state);
    if (!state)
        throw CorruptStream("the snapshot at version " + std::to_string(snapshot.version.value()) +
                            " holds no state");
    return {.state = *std::move(state),
            .version = snapshot.version,
            .last = snapshot.last,
            .kept_at = snapshot.version,
            .from_snapshot = true};
}

}  // namespace skald::eventstore
