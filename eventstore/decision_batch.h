// The commands of one append and the states they leave: each is decided on the cached state with
// the events of the commands before it on top. Belongs to the decider's thread.
#pragma once

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
    Reply reply;                     // empty once called
    bool may_have_happened = false;  // by an append whose answer was lost
    std::uint64_t arrival = 0;       // rises from one command to the next
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
    std::size_t bytes() const { return bytes_; }
    std::vector<Member>& members() { return members_; }
    const std::vector<AppendCommand>& appends() const { return appends_; }

    // Whether the state of a stream as this batch leaves it is at hand.
    bool holds(const StreamName& stream) const { return working_.contains(stream); }
    // Whether no more can be decided on the stream in this batch.
    bool tainted(const StreamName& stream) const { return tainted_.contains(stream); }

    // Decides on states that must all be at hand, here or in the cache. A command whose events its
    // own state cannot take is answered `invalid` and does not join.
    void add(Pending pending);
    // Moves the states that the log confirmed into the cache; marks those as stale that it did not.
    void keep_states(const AppendResult& result);
    void clear();

  private:
    const CachedState& state(const StreamName& stream);
    AppendCommand decide(const Command& command, Member& member);
    bool extend_states(const AppendCommand& append);

    StateCache& cache_;
    const KnownHeads& heads_;
    std::vector<Member> members_;
    std::vector<AppendCommand> appends_;
    std::unordered_map<StreamName, CachedState> working_;
    std::unordered_set<StreamName> tainted_;
    std::size_t bytes_ = 0;
};

}  // namespace skald::eventstore
