// Decides commands and says what became of them: what waits and for what, the states they are
// decided on, and the batches they go in. Of these there are three: one that is forming, one that
// is under way to the log, and one whose callers are still to be answered. Belongs to whoever holds
// the executor's lock.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "eventstore/append_lane.h"
#include "eventstore/catch_up.h"
#include "eventstore/decision_batch.h"
#include "eventstore/held_back.h"
#include "eventstore/inbox.h"
#include "eventstore/snapshot_keeper.h"
#include "eventstore/stream_loader.h"

namespace skald::eventstore {

class Decider {
  public:
    Decider(const LogFactory& logs, Folds folds, ExecutorLimits limits, CommitListener listener,
            Inbox& inbox);

    // Nothing can be decided before something arrives.
    bool idle() const { return ready_.empty() && forming_->empty(); }
    // Nor does anything wait elsewhere, with a deadline of its own.
    bool empty() const { return idle() && parked_.empty() && held_back_.empty(); }
    // Whether no more commands join the batch that is forming.
    bool full() const;

    // Takes what was loaded, and what waited for partitions that are free now.
    void look_around();
    // Decides what waits into the batch that is forming, ahead of the one under way, until there is
    // no more, the batch is full, or `enough`.
    void decide(const std::atomic<bool>& enough);
    // The batch that was forming is under way from now on. None: there is nothing to append.
    std::span<const AppendCommand> begin();
    // What became of the batch under way. Its callers are yet to be answered by settle().
    void end(AppendLane::End end);

    bool under_way() const { return !under_way_->empty(); }
    std::size_t forming() const { return forming_->size(); }
    std::size_t unsettled() const { return settling_->size() - settled_; }
    // Answers so many more of those whose batch is through, of which the first call tells the
    // listener.
    void settle(std::size_t at_most = all);

    // Answers whoever's deadline has passed. True when the batch under way is not to be sent again.
    bool answer_the_late();
    // Answers all that is not under way, and takes no more.
    void give_up();

    static constexpr std::size_t all = static_cast<std::size_t>(-1);

  private:
    void take_loaded();
    void apply(LoadedStream& loaded);
    void take_caught_up();
    void follow_others();
    void follow(const LoadedStream& seen);
    void expire(std::deque<Pending>& queue);
    void expire_all();
    void offer_snapshots();
    bool put_aside(Pending& pending);
    void undo_forming();
    void keep_what_is_through();
    void decide_again(const AppendLane::End& end);
    void settle_one(DecisionBatch::Member& member, const AppendCommand& appended, Outcome& outcome);
    void drop_all_states();

    const Folds folds_;
    const ExecutorLimits limits_;
    const CommitListener listener_;
    Inbox& inbox_;

    StateCache cache_;
    std::uint64_t loader_connection_ = 0;
    std::uint64_t catch_up_connection_ = 0;
    std::deque<Pending> ready_;   // taken from the inbox, oldest first
    std::deque<Pending> parked_;  // waiting for streams to be loaded
    HeldBack held_back_;          // waiting for partitions that others keep locked
    std::unordered_map<StreamName, Version> loading_;
    std::unordered_set<StreamName> corrupt_;
    KnownHeads heads_;

    using Batch = std::unique_ptr<DecisionBatch>;
    Batch forming_ = std::make_unique<DecisionBatch>(cache_, heads_);
    std::deque<Pending> deferred_;  // to be decided once the batch that is forming is under way
    Batch under_way_ = std::make_unique<DecisionBatch>(cache_, heads_);
    bool states_dropped_ = false;  // while that batch was under way
    Batch settling_ = std::make_unique<DecisionBatch>(cache_, heads_);
    AppendResult settling_result_;
    Clock::time_point settling_sent_{};
    bool kept_ = true;           // the listener heard of that batch, and the cache holds its states
    std::size_t settled_ = 0;    // of that batch
    std::deque<Pending> again_;  // of that batch: the log had moved on

    ExecutorMetrics metrics_;
    SnapshotKeeper snapshots_;
    StreamLoader loader_;
    CatchUp catch_up_;
    int appends_to_follow_ = 0;
};

}  // namespace skald::eventstore
