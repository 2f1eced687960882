// Reads streams for the executor on a thread and a connection of its own, so that commands whose
// states are at hand need not wait for those whose states are not. All that waits is read in one
// query, and handed over page by page: a stream may be larger than memory. After each page the rest
// of its last stream goes behind all others, so a long stream does not hold up short ones. Where a
// snapshot is kept of a stream, that comes first, and only the events behind it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "eventstore/executor.h"

namespace skald::eventstore {

struct LoadedStream {
    StreamName stream;
    Version after;  // what was asked for, or where the page before ended
    std::vector<StoredEvent> events;
    std::uint64_t connection = 0;  // rises when the loader lost its connection in between
    bool more = false;             // another page follows by itself
    std::optional<Snapshot> snapshot = std::nullopt;  // instead of events
};

class StreamLoader {
  public:
    // What one page holds at most, and one event more.
    static constexpr std::int32_t page_events = 5000;
    static constexpr std::int64_t page_bytes = 8 * 1024 * 1024;

    // `loaded` is called on the loader's thread, with a page; the next is read once it returns.
    StreamLoader(LogFactory logs, const Folds& folds, std::chrono::milliseconds retry_pause,
                 std::function<void(std::vector<LoadedStream>)> loaded);
    ~StreamLoader();

    void load(std::vector<StreamFrom> streams);
    // From now on reads this stream's events, whatever snapshot there is.
    void distrust_snapshots(const StreamName& stream);

  private:
    // Streams that are read together. After a failure they are divided, down to single streams:
    // so one that cannot be read does not hold up the others.
    struct Group {
        std::vector<StreamFrom> streams;
        std::size_t snapshots_asked = 0;  // of so many of them
        Clock::time_point due{};
        std::chrono::milliseconds pause{};
    };

    void run(const std::stop_token& stop);
    std::optional<Group> next(const std::stop_token& stop);
    std::vector<SnapshotWanted> next_snapshots(Group& group);
    void hand_over_snapshots(Log& log, Group& group);
    std::vector<Snapshot> snapshots(Log& log, std::span<const SnapshotWanted> wanted);
    std::vector<LoadedStream> read_page(Log& log, Group& group);
    void go_on_later(Group group);
    void try_again(Group group, bool divide);
    void take_wanted();
    void drop_superseded(Group& group);

    const LogFactory logs_;
    const Folds folds_;
    const std::chrono::milliseconds retry_pause_;
    const std::function<void(std::vector<LoadedStream>)> loaded_;
    std::uint64_t connection_ = 0;    // of the loader's thread alone, as its log
    bool snapshots_refused_ = false;  // the last time, of that thread too

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::unordered_map<StreamName, Version> wanted_;
    std::unordered_set<StreamName> distrusted_;
    std::list<Group> begun_;   // read page by page in turn
    std::list<Group> failed_;  // when they are due again
    std::jthread thread_;
};

}  // namespace skald::eventstore
