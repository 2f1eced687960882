// What this process knows of the partitions' heads, and a way to sleep until they move. Appends of
// this process announce themselves at once; those of others are found by a poller that asks for all
// heads in one query. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "eventstore/types.h"

namespace skald::eventstore {

class HeadWatch {
  public:
    explicit HeadWatch(std::int32_t partitions) : heads_(static_cast<std::size_t>(partitions)) {}

    void announce(const std::vector<std::pair<Partition, Position>>& heads);
    void announce(const Heads& heads);
    Heads heads() const;
    // Counts the announcements that moved a head. wait() returns once it is above `seen`, or after
    // `timeout`.
    std::uint64_t changes() const;
    std::uint64_t wait(std::uint64_t seen, std::chrono::milliseconds timeout);
    // Whether somebody waits at this moment.
    bool awaited() const;
    // Ends all waits at once, for instance to stop a worker.
    void wake();

  private:
    bool raise(Partition partition, Position position);

    mutable std::mutex mutex_;
    std::condition_variable moved_;
    Heads heads_;
    std::uint64_t changes_ = 0;
    int waiting_ = 0;
};

// Asks for all heads every `period` on a thread of its own, and announces them.
class HeadPoller {
  public:
    HeadPoller(HeadWatch& watch, std::function<Heads()> ask, std::chrono::milliseconds period);
    ~HeadPoller();

  private:
    void run(std::stop_token stop);

    HeadWatch& watch_;
    std::function<Heads()> ask_;
    std::chrono::milliseconds period_;
    std::jthread thread_;
};

}  // namespace skald::eventstore
