// What every command carries beside its own content: who sent it, which request it is, and the time
// it came. Made at the edge, once per request; plain data.
#pragma once

#include <optional>
#include <string>

#include "domain/kernel/time.h"
#include "eventstore/executor.h"

namespace skald::commands {

struct CommandContext {
    eventstore::CommandId id;
    eventstore::Fingerprint fingerprint{};
    bool id_from_outside = false;
    // The version the caller requires of the thing that the command changes.
    std::optional<eventstore::Version> if_match = std::nullopt;
    std::string principal = "anonymous";
    std::string traceparent = {};  // W3C Trace Context, or empty
    kernel::Timestamp at{};        // when the request came; the domain has no other clock
    eventstore::Clock::time_point deadline{};
};

}  // namespace skald::commands
