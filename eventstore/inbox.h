// What other threads hand to the decider: commands, loaded streams, and word that something else
// changed. Every function may be called from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "eventstore/decision_batch.h"
#include "eventstore/stream_loader.h"

namespace skald::eventstore {

class Inbox {
  public:
    explicit Inbox(std::size_t queue_max) : queue_max_(queue_max) {}

    // False when too much waits or the decider stops: the command was not taken, and its caller is
    // to be answered.
    bool submit(Pending& pending);
    // Waits while a page that was handed over before has not been taken: two at most are held.
    void hand_over(std::vector<LoadedStream> streams);
    void ring();  // makes the decider look around
    void stop();

    bool stopping() const;
    std::size_t waiting() const;  // submitted and not answered

    // Sleeps until there is something, or that long.
    void wait();
    void wait(std::chrono::milliseconds at_most);
    std::vector<LoadedStream> take_loaded();
    // Commands of sagas and operators to the front of `ready`, others behind it, as long as there
    // are fewer than `fill_up_to`.
    void take_commands(std::deque<Pending>& ready, std::size_t fill_up_to);

  private:
    bool something() const;

    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable taken_;  // what was loaded
    std::deque<Pending> urgent_, arrived_;
    std::vector<LoadedStream> loaded_;
    std::size_t waiting_ = 0;
    std::uint64_t arrivals_ = 0;
    bool rung_ = false;
    bool stopping_ = false;
};

}  // namespace skald::eventstore
