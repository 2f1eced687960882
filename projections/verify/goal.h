// Where the log stood when a verification began, and until when everything has to be there. Used by
// one thread.
#pragma once

#include <chrono>

#include "projections/verify/verify.h"

namespace skald::projections {

class Goal {
  public:
    explicit Goal(const VerifyOptions& options);  // reads the heads

    // Empty where nothing has to be reached.
    const eventstore::Heads& heads() const { return heads_; }
    // Whether there is time to look again; waits a moment if there is.
    bool may_wait() const;

  private:
    eventstore::Heads heads_;
    std::chrono::milliseconds patience_{0};
    // What has been waited for: comparing takes time of its own.
    mutable std::chrono::milliseconds waited_{0};
};

// Every cursor of the live versions against the goal; adds a Check.
void check_cursors(const VerifyOptions& options, const Goal& goal, VerifyReport& report);

}  // namespace skald::projections
