// `skald serve`: puts the roles of a process together, runs them until it is told to stop, and ends
// them in order.
#pragma once

#include <functional>
#include <string>

#include "api/config/load.h"

namespace skald::serve {

// Where the listeners are, http://host:port; empty where there is none.
struct Urls {
    std::string api;
    std::string ops;
};

// Blocks until SIGTERM or SIGINT; then whatever is in flight is finished, leases are released, and
// the call returns. A second signal ends the process at once. `ready` is
// called once it serves. Throws Unfit, http::CannotListen, eventstore::Unavailable when it cannot
// begin.
void serve(const config::Loaded& loaded, const std::function<void(const Urls&)>& ready);

}  // namespace skald::serve
