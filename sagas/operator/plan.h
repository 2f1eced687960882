// What a repair would do to sagas, said before it is done: the moves that they would make, and a
// hash of what they are decided on. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sagas/engine/react.h"
#include "sagas/operator/sight.h"

namespace skald::sagas {

// More than that is repaired in several plans.
inline constexpr std::size_t plan_sagas_max = 1000;
inline constexpr std::size_t repair_text_bytes_max = 500;  // of a reason, a reference, an actor

struct Standing {
    saga::Phase phase = saga::Phase::forward;
    std::string step;  // under way, none once it ended
    bool undo = false;
    std::string code;
};

// Of one saga, on the versions that were seen.
struct PlannedRepair {
    eventstore::StreamName stream;
    std::vector<std::pair<eventstore::StreamName, eventstore::Version>> seen;  // its own first
    eventstore::Refusal refused;       // with an empty code: it would be repaired
    Standing before, after;            // the same where it is refused
    std::vector<saga::StepEnd> ended;  // steps that end at once
    std::vector<std::string> to_undo;  // steps that are still to be undone, the next one first
    std::vector<std::string> beside;   // events that are stored with it, "order-7: order.completed"
    std::vector<std::string> residue;  // what it holds or may hold afterwards
    std::string left;                  // what the repair itself leaves undone, for good
    std::string correlation_id;

    bool possible() const { return refused.code.empty(); }
};

struct Plan {
    Repair repair;
    std::vector<PlannedRepair> sagas;  // by stream
    // Of the action, its reason and reference, and every stream with its version. Whoever does it
    // is not in it: one plans, another may apply.
    std::string hash;

    std::size_t possible() const;
};

// What is wrong with a repair's arguments, each with the name of the argument: reason, actor,
// reference.
std::vector<eventstore::Refusal> faults_of(const Repair& repair);

// `at`: the database's time.
PlannedRepair planned(const Sight& sight, const Repair& repair, kernel::Timestamp at);
// A saga that cannot be looked at cannot be repaired either.
PlannedRepair not_planned(const eventstore::StreamName& stream, eventstore::Refusal refused);
Plan plan_of(Repair repair, std::vector<PlannedRepair> sagas);

// All actions, with what each would do (record_done: with a reference); a refused one says why.
std::vector<std::pair<RepairAction, PlannedRepair>> possible_repairs(const Sight& sight,
                                                                     kernel::Timestamp at);

// Why the plan with that hash is not applied any more; so many of its sagas it had repaired before.
std::string stale(const std::string& hash, std::size_t repaired_before);

// What becomes of one saga, in a sentence for people.
std::string sentence_of(const PlannedRepair& planned);

}  // namespace skald::sagas
