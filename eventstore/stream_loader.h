// Reads streams for the executor on a thread and a connection of its own, so that commands whose
// states are at hand need not wait for those whose states are not. All that waits is read in one
// query.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "eventstore/executor.h"

namespace skald::eventstore {

struct LoadedStream {
    StreamName stream;
    Version after;  // what was asked for
    std::vector<StoredEvent> events;
    std::uint64_t connection = 0;  // rises when the loader lost its connection in between
};

class StreamLoader {
  public:
    // `loaded` is called on the loader's thread.
    StreamLoader(LogFactory logs, std::chrono::milliseconds retry_pause,
                 std::function<void(std::vector<LoadedStream>)> loaded);
    ~StreamLoader();

    void load(std::vector<StreamFrom> streams);

  private:
    void load_again(const std::vector<StreamFrom>& streams);
    void run(std::stop_token stop);
    std::vector<LoadedStream> read(Log& log, std::vector<StreamFrom> streams);

    LogFactory logs_;
    std::chrono::milliseconds retry_pause_;
    std::function<void(std::vector<LoadedStream>)> loaded_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::unordered_map<StreamName, Version> wanted_;
    std::uint64_t connection_ = 0;
    std::jthread thread_;
};

}  // namespace skald::eventstore
