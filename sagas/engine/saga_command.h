// The command by which a saga learns something: its mind is asked inside the executor's decision,
// on the newest state, so that whoever is late changes nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sagas/engine/registry.h"

namespace skald::sagas {

// What stands beside each event that a saga stores.
struct Tracing {
    std::string correlation_id;
    std::string causation_id;
};

std::string meta_of(const Tracing& tracing);
// Of what an event is a part: its correlation, or the command that made it.
std::string correlation_of(const eventstore::StoredEvent& event);

// Filled by the last run of the decision.
struct Told {
    std::vector<saga::Event> events;
};

// The id of what a saga is told with that discriminator.
eventstore::CommandId telling_id(const eventstore::StreamName& stream,
                                 std::string_view discriminator);

// `discriminator` tells this telling from all others of the saga: the same one is told once. The
// registry outlives the command.
eventstore::Command tell(const Registry& registry, const eventstore::StreamName& stream,
                         Input input, kernel::Timestamp at, const std::string& discriminator,
                         const Tracing& tracing, std::shared_ptr<Told> told);

// How sagas' streams fold. For the executor.
std::shared_ptr<const eventstore::Fold> saga_fold();

// Throws eventstore::CorruptStream.
saga::Event decoded(const eventstore::StoredEvent& event);

}  // namespace skald::sagas
