// A follower's metrics: where it stands, how far behind, in which state, and that it is alive. Only
// its own thread writes them.
#pragma once

#include <map>
#include <string>

#include "diagnostics/metrics.h"
#include "eventstore/follower.h"

namespace skald::eventstore {

class Follower::Meters {
  public:
    explicit Meters(const std::string& follower);

    void beat();
    void report(const FollowerProgress& progress);
    // The partition is followed elsewhere: nothing of it is to be seen here.
    void forget(Partition partition);
    void took(std::size_t events) { events_.Increment(static_cast<double>(events)); }
    void failed() { failures_.Increment(); }

  private:
    struct OfPartition {
        prometheus::Gauge* position;
        prometheus::Gauge* head;
        prometheus::Gauge* lag;
        std::map<FollowerState, prometheus::Gauge*> states;
    };
    OfPartition& of(Partition partition);

    std::string follower_;
    prometheus::Gauge& heartbeat_;
    prometheus::Counter& events_;
    prometheus::Counter& failures_;
    std::map<Partition, OfPartition> partitions_;
};

}  // namespace skald::eventstore
