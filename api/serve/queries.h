// What reads for clients and operators in a process: connections, Redis, and the services that
// routes are made with. Thread-safe.
#pragma once

#include <memory>

#include "api/routes/services.h"
#include "api/serve/core.h"

namespace skald::serve {

class Queries {
  public:
    // Makes the secrets that all processes share, if nobody has. Throws eventstore::Unavailable.
    explicit Queries(Core& core);
    ~Queries();
    Queries(const Queries&) = delete;

    // Without an executor. Points into this object.
    const routes::Services& services() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace skald::serve
