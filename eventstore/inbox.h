// What other threads hand to the executor's two: commands, loaded streams, and word that something
// else changed. The thread that appends is woken by whatever comes while it sleeps; while an append
// is under way the other one is, once there is enough to be worth it. Every function may be called
// from any thread.
#pragma once

#include <atomic>
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
    // What others wrote. Nobody waits for it to be taken: it is dropped while the last is here.
    void catch_up(std::vector<LoadedStream> streams);
    void ring();   // makes the decider look around
    void stop();   // takes no more commands
    void close();  // behind stop(): nobody is to look ahead any more

    bool stopping() const;
    // Submitted and not answered.
    std::size_t waiting() const { return waiting_ + waiting_first_; }

    // Sleeps until there is something, or that long.
    void wait();
    void wait(std::chrono::milliseconds at_most);
    // `more` is there to be done ahead already. Who looks ahead is told by append_waits().
    void append_begins(bool more);
    // The thread that appends has nothing to do any more: woken earlier, the other one would be in
    // its way.
    void append_waits();
    void append_ended();
    // Sleeps until something is to be done while an append is under way, at the latest until `tick`
    // if one is. False once close()d.
    bool wait_ahead(Clock::time_point tick);
    // Until the next append, commands that come are no reason to wake.
    void no_room_ahead();

    std::vector<LoadedStream> take_loaded();
    std::vector<LoadedStream> take_caught_up();
    // Commands of sagas and operators behind those in front of `ready`, others at its end, as long
    // as there are fewer than `fill_up_to`.
    void take_commands(std::deque<Pending>& ready, std::size_t fill_up_to);

  private:
    void wake();
    bool something() const;
    bool something_ahead() const;
    void sleep_until_append(std::unique_lock<std::mutex>& lock);

    const std::size_t queue_max_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;   // who appends
    std::condition_variable ahead_;  // who looks ahead
    std::condition_variable taken_;  // what was loaded
    std::deque<Pending> urgent_, arrived_;
    std::vector<LoadedStream> loaded_, caught_up_;
    // Each with its bound: what comes from outside is not refused because sagas have much to do.
    std::atomic<std::size_t> waiting_{0}, waiting_first_{0};
    std::uint64_t arrivals_ = 0;
    bool rung_ = false;
    bool append_under_way_ = false;
    bool room_ahead_ = true;
    bool more_ahead_ = false;
    bool told_ahead_ = true;            // who looks ahead, that an append is under way
    bool sleeps_until_append_ = false;  // who looks ahead
    bool stopping_ = false;
    bool closed_ = false;
};

}  // namespace skald::eventstore
