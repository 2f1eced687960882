// The role that drives the sagas: a follower of the log with a driver behind it, an executor of its
// own, and the payment provider that checkouts call. A sandbox in process has one ledger, and one
// process at a time has the ledger: it drives; others stand by to take over, without any lease.
#pragma once

#include <memory>
#include <thread>

#include "api/serve/core.h"

namespace skald::serve {

class SagaRole {
  public:
    // Begins at once; the provider may be away. Throws Unfit when sagas are under way that this
    // program does not know, or the provider's settings cannot be used. core.saga_duty tells what
    // it does.
    // `executor`, which knows the streams of sagas too, outlives it.
    SagaRole(Core& core, eventstore::Executor& executor);
    // Stops the executor too: what it still decides has to find the definitions.
    ~SagaRole();
    SagaRole(const SagaRole&) = delete;

    void stop();

  private:
    struct Parts;
    // False: another process has the sandbox's ledger.
    bool begin();
    void stand_by(const std::stop_token& stop);

    Core& core_;
    eventstore::Executor& executor_;
    std::unique_ptr<Parts> parts_;  // while it drives
    std::jthread waiting_;          // while it stands by
};

}  // namespace skald::serve
