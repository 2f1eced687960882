#include "eventstore/stream_loader.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::eventstore {
namespace {

// How far the pause between two attempts of a group grows.
constexpr int longest_pause_factor = 20;
// However large their states: the decider makes states of all of them at once.
constexpr std::size_t snapshots_at_once = 32;

}  // namespace

StreamLoader::StreamLoader(LogFactory logs, const Folds& folds,
                           std::chrono::milliseconds retry_pause,
                           std::function<void(std::vector<LoadedStream>)> loaded)
    : logs_(std::move(logs)),
      folds_(folds),
      retry_pause_(retry_pause),
      loaded_(std::move(loaded)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

StreamLoader::~StreamLoader() {
    thread_.request_stop();
    thread_.join();
}

// One request a stream: of two, the newer one knows better from where to read.
void StreamLoader::load(std::vector<StreamFrom> streams) {
    std::lock_guard lock(mutex_);
    for (auto& stream : streams) {
        const auto after = stream.after;
        wanted_.insert_or_assign(std::move(stream.stream), after);
    }
    wake_.notify_one();
}

void StreamLoader::distrust_snapshots(const StreamName& stream) {
    std::lock_guard lock(mutex_);
    distrusted_.insert(stream);
}

// mutex_ is held.
void StreamLoader::drop_superseded(Group& group) {
    std::erase_if(group.streams, [this](const auto& one) { return wanted_.contains(one.stream); });
}

// mutex_ is held.
void StreamLoader::take_wanted() {
    if (wanted_.empty()) return;
    for (auto* waiting : {&begun_, &failed_}) {
        for (auto& group : *waiting) drop_superseded(group);
        std::erase_if(*waiting, [](const auto& group) { return group.streams.empty(); });
    }
    Group group{.pause = retry_pause_};
    for (const auto& [stream, after] : wanted_) group.streams.push_back({stream, after});
    wanted_.clear();
    begun_.push_back(std::move(group));
}

// Waits for what is to be read next; nothing when the loader stops.
std::optional<StreamLoader::Group> StreamLoader::next(const std::stop_token& stop) {
    const auto asked = [this] { return !wanted_.empty(); };
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        take_wanted();
        const auto now = Clock::now();
        for (auto group = failed_.begin(); group != failed_.end();) {
            const auto here = group++;
            if (here->due <= now) begun_.splice(begun_.end(), failed_, here);
        }
        if (!begun_.empty()) {
            auto group = std::move(begun_.front());
            begun_.pop_front();
            return group;
        }
        if (failed_.empty()) {
            wake_.wait(lock, stop, asked);
        } else {
            const auto first = std::ranges::min_element(failed_, {}, &Group::due)->due;
            wake_.wait_until(lock, stop, first, asked);
        }
    }
    return std::nullopt;
}

void StreamLoader::run(const std::stop_token& stop) {
    std::unique_ptr<Log> log;
    bool was_up = true;
    while (auto group = next(stop)) {
        std::string why;
        bool connected = true;
        bool lost = false;
        try {
            if (!log) log = logs_();
            hand_over_snapshots(*log, *group);
            loaded_(read_page(*log, *group));
            was_up = true;
            go_on_later(std::move(*group));
            continue;
        } catch (const Refused& error) {
            why = error.what();
        } catch (const NotSent& error) {
            why = error.what();
            connected = false;
        } catch (const Unavailable& error) {
            why = error.what();
            lost = true;
        } catch (const std::exception& error) {
            why = error.what();
        }
        if (std::exchange(was_up, false))
            diagnostics::log_warning("cannot load streams, trying again", {{"error", why}});
        if (lost || !connected) ++connection_;
        try_again(std::move(*group), connected);
    }
}

void StreamLoader::go_on_later(Group group) {
    std::lock_guard lock(mutex_);
    drop_superseded(group);
    if (!group.streams.empty()) begun_.push_back(std::move(group));
}

// So many of those not yet asked for as are read at once.
std::vector<SnapshotWanted> StreamLoader::next_snapshots(Group& group) {
    std::lock_guard lock(mutex_);
    std::vector<SnapshotWanted> wanted;
    auto& asked = group.snapshots_asked;
    for (; asked < group.streams.size() && wanted.size() < snapshots_at_once; ++asked) {
        const auto& [stream, after] = group.streams[asked];
        const auto fold = folds_.find(stream.category());
        if (fold == folds_.end() || fold->second->revision() == 0) continue;
        if (after == Version(0) && !distrusted_.contains(stream))
            wanted.push_back({stream, fold->second->revision()});
    }
    return wanted;
}

// Before the group's first page: each snapshot takes the place of the events up to its version.
void StreamLoader::hand_over_snapshots(Log& log, Group& group) {
    for (auto wanted = next_snapshots(group); !wanted.empty(); wanted = next_snapshots(group)) {
        std::vector<LoadedStream> loaded;
        for (auto& snapshot : snapshots(log, wanted)) {
            const auto from =
                std::ranges::find(group.streams, snapshot.stream, &StreamFrom::stream);
            loaded.push_back({.stream = from->stream,
                              .after = std::exchange(from->after, snapshot.version),
                              .events = {},
                              .connection = connection_,
                              .more = true,
                              .snapshot = std::move(snapshot)});
        }
        if (!loaded.empty()) loaded_(std::move(loaded));
    }
}

// None where they cannot be read: the events tell the same.
std::vector<Snapshot> StreamLoader::snapshots(Log& log, std::span<const SnapshotWanted> wanted) {
    try {
        auto found = log.snapshots(wanted);
        snapshots_refused_ = false;
        return found;
    } catch (const Refused& error) {
        if (!std::exchange(snapshots_refused_, true))
            diagnostics::log_warning("cannot read snapshots, all events are read",
                                     {{"error", error.what()}});
        return {};
    }
}

// Takes what was read off the group. Streams come one behind the other, so all before the last
// event's are through, and of its own stream more may follow: that waits for its turn again.
std::vector<LoadedStream> StreamLoader::read_page(Log& log, Group& group) {
    auto page = log.read_streams(group.streams, page_events, page_bytes);
    std::int64_t bytes = 0;
    for (const auto& event : page) bytes += bytes_of(event);
    const bool full = page.size() >= static_cast<std::size_t>(page_events) || bytes >= page_bytes;

    std::vector<LoadedStream> loaded;
    auto event = page.begin();
    for (auto& from : group.streams) {
        loaded.push_back({from.stream, from.after, {}, connection_});
        for (; event != page.end() && event->stream == from.stream; ++event)
            loaded.back().events.push_back(std::move(*event));
        if (full && event == page.end()) break;
    }
    const auto through = static_cast<std::ptrdiff_t>(loaded.size()) - (full ? 1 : 0);
    group.streams.erase(group.streams.begin(), group.streams.begin() + through);
    if (full) {
        loaded.back().more = true;
        group.streams.front().after = loaded.back().events.back().version;
        std::ranges::rotate(group.streams, group.streams.begin() + 1);
    }
    return loaded;
}

void StreamLoader::try_again(Group group, bool divide) {
    std::lock_guard lock(mutex_);
    drop_superseded(group);
    if (group.streams.empty()) return;
    group.snapshots_asked = 0;
    group.due = Clock::now() + group.pause;
    if (divide && group.streams.size() > 1) {
        const auto half = static_cast<std::ptrdiff_t>(group.streams.size() / 2);
        failed_.push_back({.streams = {group.streams.begin() + half, group.streams.end()},
                           .due = group.due,
                           .pause = group.pause});
        group.streams.resize(static_cast<std::size_t>(half));
    } else {
        group.pause = std::min(2 * group.pause, longest_pause_factor * retry_pause_);
    }
    failed_.push_back(std::move(group));
}

}  // namespace skald::eventstore
