// Commands of partitions that somebody else keeps locked (an operator's transaction, a process that
// hangs) wait here, in their order, so that the others need not wait with them. A thread with a
// connection of its own watches those partitions; everything else belongs to the
// decider.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "eventstore/decision_batch.h"

namespace skald::eventstore {

class HeldBack {
  public:
    // `freed` is called on the watching thread when a partition can be had again.
    HeldBack(LogFactory logs, std::chrono::milliseconds pause, std::function<void()> freed);
    ~HeldBack();  // waits for the watch's last question to the log

    // From now on, until they are free, commands of these partitions are to wait.
    void hold(const Busy& busy);
    bool concerns(const Command& command) const;
    // In the order of arrival, whatever way the command took to here (through a load, or through an
    // append that failed).
    void add(Pending pending);
    bool empty() const { return waiting_.empty(); }
    std::deque<Pending>& waiting() { return waiting_; }

    // All that waits, to be looked at anew, when a partition became free since this was called
    // last; else nothing.
    std::deque<Pending> take_freed();

  private:
    void watch(const std::stop_token& stop);
    bool is_free(Partition partition);

    const LogFactory logs_;
    const std::chrono::milliseconds pause_;
    const std::function<void()> freed_;

    std::deque<Pending> waiting_;
    std::set<Partition> held_;  // as the decider knows it
    std::int32_t partitions_ = 0;
    std::atomic<bool> any_freed_{false};

    std::unique_ptr<Log> log_;  // of the watching thread alone
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::set<Partition> watched_;
    std::jthread thread_;
};

}  // namespace skald::eventstore
