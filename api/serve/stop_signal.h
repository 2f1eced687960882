// SIGTERM and SIGINT as something to wait for. Made before any thread is, so that all threads
// inherit the mask and the signals go nowhere else.
#pragma once

namespace skald::serve {

class StopSignal {
  public:
    // Blocks both signals in this thread and those it makes; SIGPIPE is ignored from now on, since
    // a closed connection is an error code, not a reason to die.
    StopSignal();
    StopSignal(const StopSignal&) = delete;

    // Sleeps until a signal comes; returns its number. From then on a second one ends the process
    // at once.
    int wait();
};

}  // namespace skald::serve
