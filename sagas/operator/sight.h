// What an operator sees of a saga: how it came to where it stands, and everything that decides what
// it does next, each stream at a version. Read from the log; one thread.
#pragma once

#include <any>
#include <string>
#include <vector>

#include "eventstore/log.h"
#include "sagas/engine/registry.h"

namespace skald::sagas {

// An event of the saga's own stream.
struct Recorded {
    eventstore::Version version;
    kernel::Timestamp at;
    saga::Event event;
};

// A stream that a decision of the saga rests on.
struct Rest {
    eventstore::StreamName stream;
    eventstore::Version version;
    std::any state;
};

struct Sight {
    saga::State state;
    std::vector<Recorded> history;
    std::vector<Rest> rests;  // the saga's own first, then those beside it
    std::shared_ptr<const Process> process;
    std::string correlation_id;

    const eventstore::StreamName& stream() const { return rests.front().stream; }
    eventstore::Version version() const { return rests.front().version; }
};

// The error is a refusal with code unknown_saga, unknown_definition or saga_unreadable. Throws
// eventstore::Unavailable.
Result<Sight, eventstore::Refusal> look(eventstore::Log& log, const Registry& registry,
                                        const eventstore::Folds& folds,
                                        const eventstore::StreamName& stream);

}  // namespace skald::sagas
