#include "eventstore/decider.h"

#include <algorithm>
#include <utility>

#include "diagnostics/logger.h"
#include "domain/kernel/invariant.h"
#include "eventstore/folding.h"

namespace skald::eventstore {
namespace {

// How long an append that is under way at the deadline may take to tell what became of it.
constexpr std::chrono::milliseconds grace{100};

// Puts `older` in front of `queue`.
void put_in_front(std::deque<Pending>& queue, std::deque<Pending> older) {
    for (; !older.empty(); older.pop_back()) queue.push_front(std::move(older.back()));
}

// What others write is read for so many appends behind a conflict: where nobody writes to the same
// streams, it is of no use.
constexpr int appends_followed = 100;

bool is_accepted(const Outcome& outcome) { return outcome.kind == OutcomeKind::accepted; }

}  // namespace

Decider::Decider(const LogFactory& logs, Folds folds, ExecutorLimits limits,
                 CommitListener listener, Inbox& inbox)
    : folds_(std::move(folds)),
      limits_(limits),
      listener_(std::move(listener)),
      inbox_(inbox),
      cache_(folds_, limits.cache_bytes_max),
      held_back_(logs, limits.retry_pause, [this] { inbox_.ring(); }),
      snapshots_(logs, limits.snapshot_pause),
      loader_(logs, folds_, limits.retry_pause,
              [this](std::vector<LoadedStream> streams) { inbox_.hand_over(std::move(streams)); }),
      catch_up_(logs, [this](std::vector<LoadedStream> streams) {
          inbox_.catch_up(std::move(streams));
      }) {}

bool Decider::full() const {
    return forming_->size() >= limits_.batch_commands_max ||
           forming_->bytes() >= limits_.batch_bytes_max;
}

void Decider::look_around() {
    take_caught_up();
    take_loaded();
    put_in_front(ready_, held_back_.take_freed());
}

void Decider::take_loaded() {
    auto loaded = inbox_.take_loaded();
    if (loaded.empty()) return;
    for (auto& stream : loaded) {
        if (stream.connection != loader_connection_) drop_all_states();
        loader_connection_ = stream.connection;
    }
    for (auto& stream : loaded) apply(stream);
    // Parked commands are older than what waits in front of the decider.
    put_in_front(ready_, std::exchange(parked_, {}));
}

void Decider::apply(LoadedStream& loaded) {
    const auto under_way = loading_.find(loaded.stream);
    if (under_way != loading_.end() && under_way->second == loaded.after) loading_.erase(under_way);
    const auto* held = cache_.find(loaded.stream);
    const auto held_version = held == nullptr ? Version(0) : held->version;
    if (held_version != loaded.after) {  // dropped meanwhile: whoever needs it asks again
        // Nor is another page to come, whatever one of a reading that was given up had promised.
        if (!loaded.more) loading_.erase(loaded.stream);
        return;
    }
    CachedState state = held == nullptr ? CachedState{} : *held;
    try {
        const auto& fold = cache_.fold_of(loaded.stream);
        if (loaded.snapshot) {
            state = state_of(*loaded.snapshot, fold);
        } else if (held == nullptr) {
            state.state = fold.initial();
        }
        if (!fold_on(state, fold, loaded.events))  // not what was asked for: read it anew
            return cache_.erase(loaded.stream);
        if (loaded.more) loading_[loaded.stream] = state.version;
        state.stale = loaded.more;
        cache_.put(loaded.stream, std::move(state));
    } catch (const CorruptStream& error) {
        cache_.erase(loaded.stream);
        if (loaded.snapshot || state.from_snapshot) {
            diagnostics::log_warning("a snapshot is of no use, its stream is read whole",
                                     {{"stream", loaded.stream.text()}, {"error", error.what()}});
            return loader_.distrust_snapshots(loaded.stream);
        }
        diagnostics::log_error("a stream cannot be folded",
                               {{"stream", loaded.stream.text()}, {"error", error.what()}});
        corrupt_.insert(loaded.stream);
    }
}

void Decider::take_caught_up() {
    const auto seen = inbox_.take_caught_up();
    if (seen.empty()) return;
    if (std::exchange(catch_up_connection_, seen.front().connection) != seen.front().connection)
        drop_all_states();
    for (const auto& stream : seen) follow(stream);
}

// Brings a state that is held to where others brought the stream.
void Decider::follow(const LoadedStream& seen) {
    const auto* held = cache_.find(seen.stream);
    if (held == nullptr || seen.events.back().version <= held->version) return;
    auto state = *held;
    try {
        if (!fold_on(state, cache_.fold_of(seen.stream), seen.events))
            return cache_.mark_stale(seen.stream);
    } catch (const CorruptStream&) {  // whoever needs it loads it, and is told
        return cache_.erase(seen.stream);
    }
    state.stale = false;
    cache_.put(seen.stream, std::move(state));
}

void Decider::decide(const std::atomic<bool>& enough) {
    keep_what_is_through();
    offer_snapshots();
    inbox_.take_commands(ready_, limits_.batch_commands_max);
    expire_all();
    while (!ready_.empty() && !full() && !enough) {
        auto pending = std::move(ready_.front());
        ready_.pop_front();
        if (put_aside(pending)) continue;
        if (auto back = forming_->add(std::move(pending))) deferred_.push_back(std::move(*back));
    }
    cache_.trim();
}

// Only here, where nothing is held any more that an append may yet turn out to contradict.
void Decider::offer_snapshots() {
    for (const auto& stream : cache_.take_due()) {
        const auto* held = cache_.find(stream);
        if (held == nullptr || held->stale) continue;
        if (snapshots_.offer(stream, *held, cache_.fold_of(stream)))
            cache_.note_kept(stream, held->version);
    }
}

// True when the command cannot be decided now: states are missing, or it was answered that it never
// can.
bool Decider::put_aside(Pending& pending) {
    if (held_back_.concerns(pending.command)) {
        held_back_.add(std::move(pending));
        return true;
    }
    std::vector<StreamFrom> wanted;
    bool missing = false;
    for (const auto& stream : pending.command.streams) {
        if (corrupt_.contains(stream)) {
            auto answer = answer_of(AnswerKind::corrupt, pending.command);
            answer.refusal = {"stream_corrupt",
                              "stream " + stream.text() + " cannot be read; operators are told",
                              ""};
            give(pending, std::move(answer));
            return true;
        }
        if (forming_->tainted(stream)) {
            deferred_.push_back(std::move(pending));
            return true;
        }
        if (forming_->holds(stream)) continue;
        const auto* held = cache_.find(stream);
        if (held != nullptr && !held->stale) continue;
        missing = true;
        const auto after = held == nullptr ? Version(0) : held->version;
        const auto under_way = loading_.find(stream);
        if (under_way != loading_.end() && under_way->second == after) continue;
        loading_[stream] = after;
        wanted.push_back({stream, after});
    }
    if (!wanted.empty()) loader_.load(std::move(wanted));
    if (missing) parked_.push_back(std::move(pending));
    return missing;
}

std::span<const AppendCommand> Decider::begin() {
    INVARIANT(!under_way());
    corrupt_.clear();
    put_in_front(ready_, std::exchange(deferred_, {}));
    if (forming_->empty()) {
        forming_->clear();
        return {};
    }
    forming_->claim();
    std::swap(forming_, under_way_);
    forming_->follow(*under_way_);
    states_dropped_ = false;
    return under_way_->appends();
}

void Decider::end(AppendLane::End end) {
    settle();  // in the order of the commits
    bool drop = states_dropped_;
    // The log was away: what is held may be of another past than the log's.
    bool away = !end.first_attempt || end.may_have_happened;
    const bool first = !away && heads_.empty();
    if (end.result) away |= !heads_.hear(*end.result);
    if (away && listener_.log_was_away) listener_.log_was_away();
    // Before the first append nothing was known of the log: what it leaves is as good as any.
    if (away && first) {
        drop_all_states();
    } else {
        drop |= away;
    }
    if (end.result && !away) follow_others();
    const bool as_decided = end.result && !away && !drop && end.result->parts.size() == 1 &&
                            std::ranges::all_of(end.result->outcomes, is_accepted) &&
                            !forming_->gave_back();
    if (as_decided) {
        forming_->stand_alone();
    } else {
        undo_forming();
    }
    if (end.result) {
        std::swap(settling_, under_way_);
        settling_result_ = std::move(*end.result);
        settling_sent_ = end.sent;
        kept_ = false;
        if (!as_decided) settle();
    } else {
        decide_again(end);
    }
    under_way_->clear();
    states_dropped_ = false;
    if (drop) drop_all_states();
}

void Decider::follow_others() {
    if (appends_to_follow_ == 0) return;
    --appends_to_follow_;
    catch_up_.read(heads_.foreign());
}

// What was decided ahead rests on what turned out otherwise: it is decided again.
void Decider::undo_forming() {
    put_in_front(ready_, std::exchange(deferred_, {}));
    put_in_front(ready_, forming_->undo());
}

// Nothing of the batch happened, unless in an earlier attempt: then its receipts will tell.
void Decider::decide_again(const AppendLane::End& end) {
    if (end.busy) held_back_.hold(*end.busy);
    std::deque<Pending> again;
    for (auto& member : under_way_->members()) {
        auto& pending = member.pending;
        pending.may_have_happened |= end.may_have_happened;
        if (pending.reply) again.push_back(std::move(pending));
    }
    put_in_front(ready_, std::move(again));
}

// Before anything is decided or answered behind that batch.
void Decider::keep_what_is_through() {
    if (std::exchange(kept_, true)) return;
    metrics_.batches.Increment();
    if (listener_.committed)
        listener_.committed({settling_->appends(), settling_result_, settling_sent_});
    settling_->keep_states(settling_result_);
}

void Decider::settle(std::size_t at_most) {
    keep_what_is_through();
    for (; settled_ < settling_->size() && at_most > 0; ++settled_, --at_most) {
        settle_one(settling_->members()[settled_], settling_->appends()[settled_],
                   settling_result_.outcomes[settled_]);
    }
    if (settled_ < settling_->size() || settling_->empty()) return;
    settling_->clear();
    settled_ = 0;
    put_in_front(ready_, std::exchange(again_, {}));
}

void Decider::settle_one(DecisionBatch::Member& member, const AppendCommand& appended,
                         Outcome& outcome) {
    auto& pending = member.pending;
    auto answer = answer_of(member.if_accepted, pending.command);
    answer.stream = outcome.receipt.stream;
    answer.version = outcome.receipt.version_after();
    answer.count = outcome.receipt.count;
    answer.heads = settling_result_.heads;
    switch (outcome.kind) {
        case OutcomeKind::accepted:
            metrics_.commands.Increment();
            answer.refusal = std::move(member.refusal);
            break;
        case OutcomeKind::duplicate:
            answer.replayed = true;
            cache_.mark_stale(appended.uses.front().stream);
            if (outcome.receipt.verdict == Verdict::cancelled) {
                answer.kind = AnswerKind::cancelled;
            } else if (outcome.receipt.fingerprint != appended.fingerprint) {
                answer.kind = AnswerKind::key_reused;
            } else if (outcome.receipt.verdict == Verdict::refused) {
                answer.kind = AnswerKind::refused;
                answer.refusal = {"refused_before",
                                  "this command was refused when it was first sent", ""};
            } else {
                answer.kind = AnswerKind::done;
            }
            break;
        case OutcomeKind::invalid:
            answer.kind = AnswerKind::invalid;
            answer.refusal = {"invalid_data", outcome.reason, ""};
            break;
        case OutcomeKind::conflict:
        case OutcomeKind::behind:
            metrics_.conflicts.Increment();
            appends_to_follow_ = appends_followed;
            for (const auto& use : appended.uses) cache_.mark_stale(use.stream);
            if (pending.reply) again_.push_back(std::move(pending));
            return;
    }
    give(pending, std::move(answer));
}

// A batch is not sent again with a command in it whose caller may have been told that it never
// happened: what is left of it is decided again without that one.
bool Decider::answer_the_late() {
    const auto now = Clock::now();
    const auto is_late = [now](const DecisionBatch::Member& member) {
        return member.pending.command.deadline <= now;
    };
    if (std::ranges::any_of(forming_->members(), is_late)) {
        undo_forming();
        if (!states_dropped_) forming_->follow(*under_way_);
    }
    inbox_.take_commands(ready_, all);
    expire_all();
    for (auto& member : under_way_->members()) {
        auto& pending = member.pending;
        if (pending.command.deadline + grace <= now)
            give(pending, answer_of(AnswerKind::outcome_unknown, pending.command));
    }
    return std::ranges::any_of(under_way_->members(), is_late);
}

void Decider::give_up() {
    undo_forming();
    inbox_.take_commands(ready_, all);
    for (auto* queue : {&parked_, &held_back_.waiting(), &ready_}) {
        for (auto& pending : *queue)
            give(pending, answer_of(kind_of_giving_up(pending), pending.command));
        queue->clear();
    }
}

void Decider::expire(std::deque<Pending>& queue) {
    const auto now = Clock::now();
    std::erase_if(queue, [&](Pending& pending) {
        if (pending.command.deadline > now) return false;
        give(pending, answer_of(kind_of_giving_up(pending), pending.command));
        return true;
    });
}

void Decider::expire_all() {
    expire(ready_);
    expire(parked_);
    expire(held_back_.waiting());
}

void Decider::drop_all_states() {
    cache_.clear();
    snapshots_.forget();
    loading_.clear();
    corrupt_.clear();
    // What was read before and not yet taken is of the same past: who waits for it asks again.
    inbox_.take_caught_up();
    inbox_.take_loaded();
    put_in_front(ready_, std::exchange(parked_, {}));
    states_dropped_ = under_way();
    undo_forming();
}

}  // namespace skald::eventstore
