// The first command of a process on a stream that has grown long: its state has to be read.
#pragma once

#include "bench/program/cpu.h"
#include "bench/program/shop.h"

namespace skald::bench {

// Again and again for so long, at least once, each time by an executor that holds nothing; the
// command looks at the state of the product's stock and writes nothing. `snapshots`: as
// `skald serve` does it; else by the events alone.
Sample cold_start(ServerCpu& server, const serve::Core& core, int product, bool snapshots,
                  Seconds time);

}  // namespace skald::bench
