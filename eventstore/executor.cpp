// The decider's cycle: take what waits, apply what was loaded, decide in order, append once,
// answer.
#include "eventstore/executor.h"

#include <deque>
#include <future>
#include <limits>
#include <thread>
#include <unordered_map>

#include "diagnostics/logger.h"
#include "domain/kernel/invariant.h"
#include "eventstore/append_lane.h"
#include "eventstore/decision_batch.h"
#include "eventstore/executor_metrics.h"
#include "eventstore/held_back.h"
#include "eventstore/inbox.h"
#include "eventstore/stream_loader.h"

namespace skald::eventstore {
namespace {

// How often the clock is looked at while an append is under way.
constexpr std::chrono::milliseconds clock_tick{20};
// How long an append that is under way at the deadline may take to tell what became of it.
constexpr std::chrono::milliseconds grace{100};
constexpr auto all = std::numeric_limits<std::size_t>::max();

// Puts `older` in front of `queue`.
void put_in_front(std::deque<Pending>& queue, std::deque<Pending> older) {
    for (; !older.empty(); older.pop_back()) queue.push_front(std::move(older.back()));
}

}  // namespace

class Executor::Impl {
  public:
    Impl(LogFactory logs, Folds folds, ExecutorLimits limits, CommitListener listener)
        : folds_(std::move(folds)),
          limits_(limits),
          listener_(std::move(listener)),
          inbox_(limits.queue_max),
          cache_(folds_, limits.cache_bytes_max),
          held_back_(logs, limits.retry_pause, [this] { inbox_.ring(); }),
          lane_(std::make_unique<AppendLane>(logs, limits.retry_pause)),
          loader_(std::make_unique<StreamLoader>(
              logs, limits.retry_pause,
              [this](std::vector<LoadedStream> streams) { inbox_.hand_over(std::move(streams)); })),
          thread_([this] { run(); }) {}

    void submit(Command command, Reply reply);
    void stop();
    std::size_t waiting() const { return inbox_.waiting(); }

  private:
    void run();
    bool sleep_until_there_is_work();
    void take_loaded();
    void apply(LoadedStream& loaded);
    void expire(std::deque<Pending>& queue);
    void expire_all();
    void gather();
    bool put_aside(Pending& pending);
    void append_and_answer();
    AppendLane::End append();
    void answer_the_late();
    void decide_again(const AppendLane::End& end);
    void settle(DecisionBatch::Member& member, const AppendCommand& appended, Outcome& outcome,
                const AppendResult& result);
    void drop_all_states();
    void log_was_away();

    const Folds folds_;
    const ExecutorLimits limits_;
    const CommitListener listener_;
    Inbox inbox_;

    // Of the decider thread alone.
    StateCache cache_;
    std::uint64_t loader_connection_ = 0;
    std::deque<Pending> ready_;   // taken from the inbox, oldest first
    std::deque<Pending> parked_;  // waiting for streams to be loaded
    HeldBack held_back_;          // waiting for partitions that others keep locked
    std::unordered_map<StreamName, Version> loading_;
    std::unordered_map<StreamName, std::string> corrupt_;
    KnownHeads heads_;
    DecisionBatch batch_{cache_, heads_};
    std::deque<Pending> deferred_;  // to be decided once this batch is through

    ExecutorMetrics metrics_;

    std::unique_ptr<AppendLane> lane_;
    std::unique_ptr<StreamLoader> loader_;
    std::thread thread_;
};

void Executor::Impl::submit(Command command, Reply reply) {
    INVARIANT(!command.streams.empty());
    Pending pending{std::move(command), std::move(reply)};
    if (!inbox_.submit(pending)) give(pending, answer_of(AnswerKind::overloaded, pending.command));
}

void Executor::Impl::stop() {
    inbox_.stop();
    if (thread_.joinable()) thread_.join();
    loader_.reset();
    lane_.reset();
}

// False once there is nothing left to do and never will be.
bool Executor::Impl::sleep_until_there_is_work() {
    metrics_.waiting.Set(static_cast<double>(inbox_.waiting()));
    if (ready_.empty() && parked_.empty() && held_back_.empty()) {
        inbox_.wait();
    } else if (ready_.empty()) {
        inbox_.wait(limits_.retry_pause);  // what waits elsewhere has deadlines
    }
    if (!inbox_.stopping()) return true;
    inbox_.take_commands(ready_, all);
    for (auto* queue : {&parked_, &held_back_.waiting(), &ready_}) {
        for (auto& pending : *queue)
            give(pending, answer_of(kind_of_giving_up(pending), pending.command));
        queue->clear();
    }
    return false;
}

void Executor::Impl::expire(std::deque<Pending>& queue) {
    const auto now = Clock::now();
    std::erase_if(queue, [&](Pending& pending) {
        if (pending.command.deadline > now) return false;
        give(pending, answer_of(kind_of_giving_up(pending), pending.command));
        return true;
    });
}

void Executor::Impl::expire_all() {
    expire(ready_);
    expire(parked_);
    expire(held_back_.waiting());
}

void Executor::Impl::run() {
    while (sleep_until_there_is_work()) {
        take_loaded();
        put_in_front(ready_, held_back_.take_freed());
        gather();
        append_and_answer();
        corrupt_.clear();
        cache_.trim();
    }
}

void Executor::Impl::take_loaded() {
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

void Executor::Impl::apply(LoadedStream& loaded) {
    const auto under_way = loading_.find(loaded.stream);
    if (under_way != loading_.end() && under_way->second == loaded.after) loading_.erase(under_way);
    const auto* held = cache_.find(loaded.stream);
    const auto held_version = held == nullptr ? Version(0) : held->version;
    if (held_version != loaded.after) return;  // dropped meanwhile: whoever needs it asks again
    try {
        const auto& fold = cache_.fold_of(loaded.stream);
        CachedState state = held == nullptr ? CachedState{fold.initial(), Version(0)} : *held;
        for (const auto& event : loaded.events) {
            if (event.version != state.version + 1) {  // not what was asked for: read it anew
                cache_.erase(loaded.stream);
                return;
            }
            fold.apply(state.state, event);
            state.version = event.version;
        }
        if (loaded.more) loading_[loaded.stream] = state.version;
        state.stale = loaded.more;
        state.complete_at.reset();
        cache_.put(loaded.stream, std::move(state));
    } catch (const CorruptStream& error) {
        diagnostics::log_error("a stream cannot be folded",
                               {{"stream", loaded.stream.text()}, {"error", error.what()}});
        cache_.erase(loaded.stream);
        corrupt_[loaded.stream] = error.what();
    }
}

void Executor::Impl::gather() {
    inbox_.take_commands(ready_, limits_.batch_commands_max);
    expire_all();
    while (!ready_.empty() && batch_.appends().size() < limits_.batch_commands_max &&
           batch_.bytes() < limits_.batch_bytes_max) {
        auto pending = std::move(ready_.front());
        ready_.pop_front();
        if (!put_aside(pending)) batch_.add(std::move(pending));
    }
}

// True when the command cannot be decided now: states are missing, or it was answered that it never
// can.
bool Executor::Impl::put_aside(Pending& pending) {
    if (held_back_.concerns(pending.command)) {
        held_back_.add(std::move(pending));
        return true;
    }
    std::vector<StreamFrom> wanted;
    bool missing = false;
    for (const auto& stream : pending.command.streams) {
        if (const auto corrupt = corrupt_.find(stream); corrupt != corrupt_.end()) {
            auto answer = answer_of(AnswerKind::corrupt, pending.command);
            answer.refusal = {"stream_corrupt",
                              "stream " + stream.text() + " cannot be read; operators are told",
                              ""};
            give(pending, std::move(answer));
            return true;
        }
        if (batch_.tainted(stream)) {
            deferred_.push_back(std::move(pending));
            return true;
        }
        if (batch_.holds(stream)) continue;
        const auto* held = cache_.find(stream);
        if (held != nullptr && !held->stale) continue;
        missing = true;
        const auto after = held == nullptr ? Version(0) : held->version;
        const auto under_way = loading_.find(stream);
        if (under_way != loading_.end() && under_way->second == after) continue;
        loading_[stream] = after;
        wanted.push_back({stream, after});
    }
    if (!wanted.empty()) loader_->load(std::move(wanted));
    if (missing) parked_.push_back(std::move(pending));
    return missing;
}

void Executor::Impl::append_and_answer() {
    if (!batch_.empty()) {
        auto end = append();
        // The log was away: what is held may be of another past than the log's.
        if (!end.first_attempt || end.may_have_happened) log_was_away();
        if (end.result) {
            if (!heads_.hear(*end.result)) log_was_away();
            metrics_.batches.Increment();
            if (listener_.committed) listener_.committed({batch_.appends(), *end.result, end.sent});
            batch_.keep_states(*end.result);
            for (std::size_t i = 0; i < batch_.members().size(); ++i) {
                settle(batch_.members()[i], batch_.appends()[i], end.result->outcomes[i],
                       *end.result);
            }
        } else {
            decide_again(end);
        }
    }
    batch_.clear();
    put_in_front(ready_, std::exchange(deferred_, {}));
}

// Sends the batch until the log answers, a caller's deadline passes or the program stops. Whoever's
// deadline passes meanwhile, here or in a queue, is answered.
AppendLane::End Executor::Impl::append() {
    lane_->send(batch_.appends());
    for (;;) {
        if (auto end = lane_->wait(clock_tick)) return std::move(*end);
        answer_the_late();
    }
}

// A batch is not sent again with a command in it whose caller may have been told that it never
// happened: what is left of it is decided again without that one.
void Executor::Impl::answer_the_late() {
    inbox_.take_commands(ready_, all);
    expire_all();
    const auto now = Clock::now();
    bool give_up = inbox_.stopping();
    for (auto& member : batch_.members()) {
        auto& pending = member.pending;
        give_up |= pending.command.deadline <= now;
        if (pending.command.deadline + grace <= now)
            give(pending, answer_of(AnswerKind::outcome_unknown, pending.command));
    }
    if (give_up) lane_->give_up();
}

// Nothing of the batch happened, unless in an earlier attempt: then its receipts will tell.
void Executor::Impl::decide_again(const AppendLane::End& end) {
    if (end.busy) held_back_.hold(*end.busy);
    std::deque<Pending> again;
    for (auto& member : batch_.members()) {
        auto& pending = member.pending;
        pending.may_have_happened |= end.may_have_happened;
        if (pending.reply) again.push_back(std::move(pending));
    }
    put_in_front(ready_, std::move(again));
}

void Executor::Impl::settle(DecisionBatch::Member& member, const AppendCommand& appended,
                            Outcome& outcome, const AppendResult& result) {
    auto& pending = member.pending;
    auto answer = answer_of(member.if_accepted, pending.command);
    answer.stream = outcome.receipt.stream;
    answer.version = outcome.receipt.version_after();
    answer.count = outcome.receipt.count;
    answer.heads = result.heads;
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
            for (const auto& use : appended.uses) cache_.mark_stale(use.stream);
            if (pending.reply) ready_.push_back(std::move(pending));
            return;
    }
    give(pending, std::move(answer));
}

void Executor::Impl::drop_all_states() {
    cache_.clear();
    loading_.clear();
}

void Executor::Impl::log_was_away() {
    drop_all_states();
    if (listener_.log_was_away) listener_.log_was_away();
}

Executor::Executor(LogFactory logs, Folds folds, ExecutorLimits limits, CommitListener listener)
    : impl_(
          std::make_unique<Impl>(std::move(logs), std::move(folds), limits, std::move(listener))) {}

Executor::~Executor() { stop(); }

void Executor::submit(Command command, Reply reply) {
    impl_->submit(std::move(command), std::move(reply));
}

Answer Executor::run(Command command) {
    std::promise<Answer> promise;
    submit(std::move(command), [&promise](Answer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
}

void Executor::stop() { impl_->stop(); }
std::size_t Executor::waiting() const { return impl_->waiting(); }

}  // namespace skald::eventstore
