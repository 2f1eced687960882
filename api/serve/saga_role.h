// The role that drives the sagas: a follower of the log with a driver behind it, an executor of its
// own, and the payment provider that checkouts call.
#pragma once

#include <memory>

#include "api/serve/core.h"
#include "eventstore/follower.h"

namespace skald::serve {

class SagaRole {
  public:
    // Begins at once; the provider may be away. Throws Unfit when sagas are under way that this
    // program does not know, or the provider's settings cannot be used.
    explicit SagaRole(Core& core);
    ~SagaRole();
    SagaRole(const SagaRole&) = delete;

    const eventstore::Follower& follower() const;
    void stop();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace skald::serve
