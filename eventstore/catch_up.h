// Reads what other processes wrote to partitions that this one writes to as well, so that cached
// states follow and commands need not fail first to learn of it. Only ever a help: what it misses
// is found by the versions that commands state. On a thread and a connection of its own, once there
// is somebody else.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "eventstore/known_heads.h"
#include "eventstore/stream_loader.h"

namespace skald::eventstore {

class CatchUp {
  public:
    // Who is further behind in a partition than this does better to load what it needs.
    static constexpr std::int64_t events_max = 1000;

    // `read` is called on this object's thread, with the events of each stream in their order. Own
    // ones between them may be missing.
    CatchUp(LogFactory logs, std::function<void(std::vector<LoadedStream>)> read);
    ~CatchUp();

    void read(const std::vector<Foreign>& ranges);

  private:
    void run(const std::stop_token& stop);
    std::vector<LoadedStream> read_all(Log& log, const std::map<Partition, Foreign>& ranges) const;

    const LogFactory logs_;
    const std::function<void(std::vector<LoadedStream>)> read_;
    std::uint64_t connection_ = 0;  // of the thread alone

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::map<Partition, Foreign> wanted_;
    std::jthread thread_;
};

}  // namespace skald::eventstore
