#include "eventstore/state_cache.h"

namespace skald::eventstore {
namespace {

// What an entry costs beside its state: list node, map node, name twice.
constexpr std::size_t entry_overhead_bytes = 256;
// What an event takes to be read, about.
constexpr std::int64_t event_bytes = 256;

// A snapshot is no larger than the events that need not be read for it.
bool snapshot_is_due(const CachedState& state, std::size_t bytes) {
    const auto events = state.version - state.kept_at;
    return !state.stale && events >= events_between_snapshots &&
           static_cast<std::int64_t>(bytes) <= events * event_bytes;
}

}  // namespace

const Fold& StateCache::fold_of(const StreamName& stream) const {
    const auto fold = folds_.find(stream.category());
    if (fold == folds_.end())
        throw CorruptStream("no aggregate is known by the category of " + stream.text());
    return *fold->second;
}

const CachedState* StateCache::find(const StreamName& stream) {
    const auto found = by_stream_.find(stream);
    if (found == by_stream_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->cached;
}

void StateCache::put(const StreamName& stream, CachedState state) {
    const auto& fold = fold_of(stream);
    const auto state_bytes = fold.bytes(state.state);
    const auto bytes = state_bytes + 2 * stream.text().size() + entry_overhead_bytes;
    const auto [found, fresh] = by_stream_.try_emplace(stream);
    if (fresh) {
        found->second = entries_.insert(entries_.begin(), {stream, {}, 0});
    } else {
        entries_.splice(entries_.begin(), entries_, found->second);
    }
    auto& entry = *found->second;
    // A state that was on its way through batches does not know of a snapshot since.
    state.kept_at = std::max(state.kept_at, entry.cached.kept_at);
    if (fold.revision() != 0 && snapshot_is_due(state, state_bytes)) due_.push_back(stream);
    entry.cached = std::move(state);
    bytes_ += bytes - entry.bytes;
    entry.bytes = bytes;
}

void StateCache::mark_stale(const StreamName& stream) {
    const auto found = by_stream_.find(stream);
    if (found != by_stream_.end()) found->second->cached.stale = true;
}

void StateCache::note_complete(const StreamName& stream, std::optional<Position> at) {
    const auto found = by_stream_.find(stream);
    if (found != by_stream_.end()) found->second->cached.complete_at = at;
}

void StateCache::note_kept(const StreamName& stream, Version at) {
    const auto found = by_stream_.find(stream);
    if (found != by_stream_.end()) found->second->cached.kept_at = at;
}

std::vector<StreamName> StateCache::take_due() { return std::exchange(due_, {}); }

void StateCache::erase(const StreamName& stream) {
    const auto found = by_stream_.find(stream);
    if (found == by_stream_.end()) return;
    bytes_ -= found->second->bytes;
    entries_.erase(found->second);
    by_stream_.erase(found);
}

void StateCache::clear() {
    entries_.clear();
    by_stream_.clear();
    due_.clear();
    bytes_ = 0;
}

void StateCache::trim() {
    while (bytes_ > bytes_max_ && entries_.size() > 1) erase(StreamName(entries_.back().stream));
}

}  // namespace skald::eventstore
