// What all roles of a process share: the settings, the store, what is known of its heads and of the
// read models' progress. Made once at start; every member is thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "api/config/config.h"
#include "api/routes/services.h"
#include "eventstore/executor.h"
#include "eventstore/head_watch.h"
#include "eventstore/log.h"
#include "eventstore/tail_ring.h"
#include "projections/reading/reading.h"

namespace skald::serve {

struct Core {
    Core(config::Config settings, const eventstore::StoreInfo& info);

    // Logs over connections of their own; `name` tells PostgreSQL whose they are.
    eventstore::LogFactory reading_logs(const std::string& name) const;
    eventstore::LogFactory writing_logs(const std::string& name) const;

    // What every executor of the process tells the followers.
    eventstore::CommitListener commits();
    // For the followers' sources; none in a process that does not both commit and follow.
    const eventstore::TailRing* ring() const { return ring_.get(); }

    const config::Config config;
    const eventstore::StoreInfo store;
    eventstore::HeadWatch heads;
    projections::Progress progress;
    std::atomic<bool> draining{false};
    std::atomic<routes::SagaDuty> saga_duty{routes::SagaDuty::none};

  private:
    eventstore::Heads ask_heads(eventstore::Log& log);

    std::unique_ptr<eventstore::TailRing> ring_;
    // Last, so that it ends first: it announces to the heads.
    eventstore::HeadPoller poller_;
};

}  // namespace skald::serve
