// How long events take to a read model: from a command's answer until the projection says that it
// has committed the event.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "bench/program/sample.h"
#include "eventstore/executor.h"
#include "eventstore/head_watch.h"

namespace skald::bench {

class RowArrivals {
  public:
    // `committed` outlives it.
    explicit RowArrivals(eventstore::HeadWatch& committed);

    // The answer came now. Any thread.
    void answered(const eventstore::Answer& answer);
    // Waits until the read model has all that was answered, and gives the times since the last
    // call.
    Histogram collect();

  private:
    struct Waiting {
        eventstore::Position position;
        Clock::time_point since;
    };
    void watch(const std::stop_token& stop);
    void note(const eventstore::Heads& heads);

    eventstore::HeadWatch& committed_;
    std::mutex mutex_;
    std::condition_variable met_;
    std::map<eventstore::Partition, std::deque<Waiting>> waiting_;  // that is not empty
    Histogram times_;
    std::jthread thread_;
};

}  // namespace skald::bench
