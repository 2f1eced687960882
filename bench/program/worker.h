// A process of its own that appends as `skald serve --roles=api` does: this program again, told
// over a socket what to do and telling what came of it, a line of JSON each. Belongs to one thread.
#pragma once

#include <sys/types.h>

#include <string>

#include "bench/program/sample.h"

namespace skald::bench {

// So long, so many commands in flight, over so many products from `first_product` on.
struct Work {
    bool orders = false;  // else receipts
    int first_product = 0;
    int products = 1;
    int people = 1;
    int in_flight = 1;
    Seconds time{1};
};

struct Worked {
    Sample sample;  // without what PostgreSQL used
    std::uint64_t conflicts = 0;
    std::uint64_t appends = 0;
};

class Worker {
  public:
    // Starts it, on the store that the environment names.
    Worker();
    // Waits until it has ended.
    ~Worker();
    Worker(const Worker&) = delete;

    void begin(const Work& work);
    // What came of it. Throws std::runtime_error when the process has ended instead.
    Worked end();

  private:
    int socket_ = -1;
    pid_t pid_ = -1;
};

// The process itself: works until standard input ends.
void run_worker();

}  // namespace skald::bench
