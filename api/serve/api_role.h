// The role that answers clients: the executor and the public listener.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "api/serve/queries.h"

namespace skald::serve {

// Of the executor that clients' commands go through.
eventstore::ExecutorLimits executor_limits(const config::Config& config);

class ApiRole {
  public:
    // Serves at once, that many clients at most. `executor` outlives it. Throws
    // http::CannotListen, eventstore::Unavailable.
    ApiRole(Core& core, const Queries& queries, eventstore::Executor& executor,
            std::size_t connections_max);
    // Stops the executor too: what it still answers has to find the listener.
    ~ApiRole();
    ApiRole(const ApiRole&) = delete;

    // http://host:port
    std::string url() const;
    // Accepts no more, finishes what is in flight for at most `patience`.
    void stop(std::chrono::milliseconds patience);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace skald::serve
