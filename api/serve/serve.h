// `skald serve`: puts the roles of a process together, runs them until it is told to stop, and ends
// them in order.
#pragma once

#include "api/config/load.h"

namespace skald::serve {

// Blocks until SIGTERM or SIGINT; then whatever is in flight is finished, leases are released, and
// the call returns. A second signal ends the process at once. Prints one line on standard output
// when it serves. Throws Unfit, http::CannotListen, eventstore::Unavailable when it cannot begin.
void serve(const config::Loaded& loaded);

}  // namespace skald::serve
