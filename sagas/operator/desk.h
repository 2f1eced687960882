// Where an operator looks at sagas, plans repairs and applies them. Each saga is repaired on
// exactly the versions that the plan saw, or not at all; an apply that is repeated says so.
// Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sagas/operator/plan.h"

namespace skald::sagas {

// repeated: an apply of the same plan did it before. unknown: it may or may not have happened;
// applied again, the plan tells.
BOOST_DEFINE_ENUM_CLASS(AppliedAs, repaired, repeated, refused, unknown)

struct Applied {
    eventstore::StreamName stream;
    AppliedAs as = AppliedAs::repaired;
    eventstore::Version version;  // of the saga's stream since the repair
    std::string code;             // of refused and unknown
    std::string detail;
};

// What an apply works with; its executor folds as Desk::folds() does.
struct Tools {
    eventstore::Executor& executor;
    std::function<kernel::Timestamp()> now;                               // the database's time
    std::chrono::milliseconds patience{10'000};                           // for each chunk
    std::function<void(std::size_t done, std::size_t of)> progress = {};  // after each chunk
};

class Desk {
  public:
    explicit Desk(Registry registry);
    Desk(const Desk&) = delete;

    const Registry& registry() const { return registry_; }
    const eventstore::Folds& folds() const { return folds_; }

    // These throw eventstore::Unavailable.
    Result<Sight, eventstore::Refusal> look(eventstore::Log& log,
                                            const eventstore::StreamName& stream) const {
        return sagas::look(log, registry_, folds_, stream);
    }
    // What cannot be looked at stands in the plan as refused.
    Plan plan(eventstore::Log& log, Repair repair, std::span<const eventstore::StreamName> streams,
              kernel::Timestamp at) const;
    // Waits for the answers; by stream, as the plan has them. What the plan says is refused is not
    // tried. The desk outlives the executor.
    std::vector<Applied> apply(const Plan& plan, const Tools& tools) const;
    // Those of the streams that an apply of the plan with that hash has repaired.
    static std::vector<Applied> applied_before(eventstore::Log& log, const std::string& hash,
                                               std::span<const eventstore::StreamName> streams);

  private:
    eventstore::Command command_of(const Plan& plan, const PlannedRepair& saga,
                                   kernel::Timestamp at) const;

    const Registry registry_;
    const eventstore::Folds folds_;
};

}  // namespace skald::sagas
