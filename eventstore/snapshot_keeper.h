// Writes snapshots of states that the decider holds, on a thread and a connection of its own: no
// command waits for one. What cannot be written is forgotten; the stream is offered again when it
// has grown further.
#pragma once

#include <any>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "diagnostics/metrics.h"
#include "eventstore/state_cache.h"

namespace skald::eventstore {

class SnapshotKeeper {
  public:
    // Between two writings it waits `pause` at least: a stream that grows fast would keep it busy.
    SnapshotKeeper(LogFactory logs, std::chrono::milliseconds pause);
    ~SnapshotKeeper();

    // Takes a copy of a state whose events are durable, unless a snapshot of the stream waits, or
    // as many others as it holds at once. `fold` outlives this object.
    bool offer(const StreamName& stream, const CachedState& state, const Fold& fold);
    // Drops what waits: the log may have gone back in time.
    void forget();

  private:
    struct Offer {
        CachedState state;
        const Fold* fold;
    };
    using Offers = std::map<StreamName, Offer>;

    void run(const std::stop_token& stop);
    Offers wait_for_offers(const std::stop_token& stop, Clock::time_point not_before);
    void write(Log& log, const Offers& offers);

    const LogFactory logs_;
    const std::chrono::milliseconds pause_;
    prometheus::Counter& written_ = diagnostics::counter(
        "skald_executor_snapshots_total", "States of long streams written as snapshots");

    std::mutex mutex_;
    std::condition_variable_any wake_;
    Offers offers_;
    std::size_t bytes_ = 0;  // of the states in them
    std::jthread thread_;
};

}  // namespace skald::eventstore
