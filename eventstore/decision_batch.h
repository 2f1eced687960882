// The commands of one append and the states they leave: each is decided on the cached state with
// the events of the commands before it on top, also those of a batch that is still under way.
// Belongs to the decider.
#pragma once

#include <atomic>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "eventstore/executor.h"
#include "eventstore/known_heads.h"
#include "eventstore/state_cache.h"

namespace skald::eventstore {

// A command and whom to answer.
struct Pending {
    Command command;
    Reply reply;                                     // empty once called
    bool may_have_happened = false;                  // by an append whose answer was lost
    std::uint64_t arrival = 0;                       // rises from one command to the next
    std::atomic<std::size_t>* counted_in = nullptr;  // until it is answered
};

// The answer of this kind, without more than the command itself tells.
Answer answer_of(AnswerKind kind, const Command& command);
// What a caller hears whose command is not tried again.
inline AnswerKind kind_of_giving_up(const Pending& pending) {
    return pending.may_have_happened ? AnswerKind::outcome_unknown : AnswerKind::timed_out;
}
// Calls the reply unless it was called before.
void give(Pending& pending, Answer answer);

class DecisionBatch {
  public:
    DecisionBatch(StateCache& cache, const KnownHeads& heads) : cache_(cache), heads_(heads) {}

    // A decided command and what its caller hears if the log takes it.
    struct Member {
        Pending pending;
        AnswerKind if_accepted = AnswerKind::done;
        Refusal refusal;
        std::vector<StreamName> written;
    };

    bool empty() const { return appends_.empty(); }
    std::size_t size() const { return appends_.size(); }
    std::size_t bytes() const { return bytes_; }
    std::vector<Member>& members() { return members_; }
    const std::vector<AppendCommand>& appends() const { return appends_; }

    // Whether the state of a stream as this batch, or the one before it, leaves it is at hand.
    bool holds(const StreamName& stream) const;
    // Whether no more can be decided on the stream in this batch: what it, or the batch before it,
    // left of its state is not what the log will hold.
    bool tainted(const StreamName& stream) const {
        return tainted_.contains(stream) ||
               (before_ != nullptr && before_->tainted_.contains(stream));
    }
    // Whether add() gave a command back, which is to be decided behind no batch.
    bool gave_back() const { return gave_back_; }

    // From now on decides on what `before`, which is under way, leaves if all of it is taken.
    void follow(const DecisionBatch& before) { before_ = &before; }
    // All of the batch before was taken, as one transaction, and its heads are known: what was
    // decided on it was complete there.
    void stand_alone();
    // Decides on states that must all be at hand. A command whose events its own state cannot take
    // is answered `invalid` and does not join; behind a batch under way it is given back instead,
    // since that may turn out otherwise.
    std::optional<Pending> add(Pending pending);
    // Says of each stream where it was seen, by what is known now. Last before the append.
    void claim();
    // Moves the states that the log confirmed into the cache; marks those as stale that it did not.
    void keep_states(const AppendResult& result);
    // The commands, as they were before they joined; the batch is empty then.
    std::deque<Pending> undo();
    void clear();

  private:
    // Where the state that a use was decided on was complete.
    struct Seen {
        std::optional<Position> complete_at;
        bool in_batch_before = false;
    };
    struct Known {
        const CachedState* state;
        bool of_batch_before;
    };

    const CachedState* working_state(const StreamName& stream) const;
    Known known(const StreamName& stream);
    AppendCommand decide(const Command& command, Member& member);
    bool extend_states(const AppendCommand& append);

    StateCache& cache_;
    const KnownHeads& heads_;
    const DecisionBatch* before_ = nullptr;
    std::vector<Member> members_;
    std::vector<AppendCommand> appends_;
    std::vector<Seen> seen_;  // of all uses, in their order
    std::unordered_map<StreamName, CachedState> working_;
    std::unordered_set<StreamName> tainted_;
    std::size_t bytes_ = 0;
    bool gave_back_ = false;
};

}  // namespace skald::eventstore
