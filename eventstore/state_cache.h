// Folded states by stream, bounded in bytes, least recently used out first. Belongs to the decider.
#pragma once

#include <any>
#include <boost/unordered/unordered_flat_map.hpp>
#include <list>
#include <utility>
#include <vector>

#include "eventstore/executor.h"

namespace skald::eventstore {

struct CachedState {
    std::any state;
    Version version;
    bool stale = false;  // the log is known to have moved on
    // A head of its partition at which nothing of the stream was missing here, where an append told
    // (see known_heads.h).
    std::optional<Position> complete_at = std::nullopt;
    EventMark last = {};         // the event that it ends with
    Version kept_at = {};        // of the newest snapshot as far as it is known here
    bool from_snapshot = false;  // began with one
};

// A snapshot is due this many events behind the one before: to read and fold them takes about as
// long as an append.
constexpr std::int64_t events_between_snapshots = 500;

class StateCache {
  public:
    StateCache(const Folds& folds, std::size_t bytes_max) : folds_(folds), bytes_max_(bytes_max) {}

    // The state held, now the most recently used; null when there is none. Valid until put(),
    // erase(), clear() or trim().
    const CachedState* find(const StreamName& stream);
    void put(const StreamName& stream, CachedState state);
    // The state stays, as the place to catch up from.
    void mark_stale(const StreamName& stream);
    void note_complete(const StreamName& stream, std::optional<Position> at);
    void note_kept(const StreamName& stream, Version at);
    // Streams put() since the last call of whose states a snapshot was due.
    std::vector<StreamName> take_due();
    void erase(const StreamName& stream);
    void clear();
    // Lets go of the least recently used states above the bound.
    void trim();

    // The fold of a stream's category. Throws CorruptStream for a category that has none.
    const Fold& fold_of(const StreamName& stream) const;

  private:
    struct Entry {
        StreamName stream;
        CachedState cached;
        std::size_t bytes;
    };

    const Folds& folds_;
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::vector<StreamName> due_;
    std::list<Entry> entries_;  // most recently used first
    boost::unordered_flat_map<StreamName, std::list<Entry>::iterator, std::hash<StreamName>>
        by_stream_;
};

}  // namespace skald::eventstore
