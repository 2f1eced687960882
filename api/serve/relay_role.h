// The role that publishes the log to Kafka: one follower on one thread.
#pragma once

#include <memory>

#include "api/serve/core.h"
#include "eventstore/follower.h"

namespace skald::serve {

class RelayRole {
  public:
    // Begins at once; Kafka may be away.
    explicit RelayRole(Core& core);
    ~RelayRole();
    RelayRole(const RelayRole&) = delete;

    const eventstore::Follower& follower() const;
    void stop();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace skald::serve
