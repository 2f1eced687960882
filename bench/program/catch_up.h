// How fast followers take a backlog: from when they know where they stand until they are at the
// end. One thread.
#pragma once

#include <vector>

#include "bench/program/cpu.h"
#include "bench/program/shop.h"
#include "eventstore/follower.h"

namespace skald::bench {

// Waits until all of them have taken everything that the shop's log holds. Operations are events
// that each of them took. Throws std::runtime_error after a minute.
Sample catch_up(ServerCpu& server, Shop& shop,
                const std::vector<const eventstore::Follower*>& followers);

}  // namespace skald::bench
