// The decider's cycle: take what waits, apply what was loaded, decide in order, append once,
// answer.
#include "eventstore/executor.h"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "diagnostics/logger.h"
#include "domain/kernel/invariant.h"
#include "eventstore/decision_batch.h"
#include "eventstore/executor_metrics.h"
#include "eventstore/stream_loader.h"

namespace skald::eventstore {
class Executor::Impl {
  public:
    Impl(LogFactory logs, Folds folds, ExecutorLimits limits,
         std::function<void(const AppendResult&)> committed)
        : logs_(std::move(logs)),
          folds_(std::move(folds)),
          limits_(limits),
          committed_(std::move(committed)),
          cache_(folds_, limits.cache_bytes_max),
          loader_(std::make_unique<StreamLoader>(
              logs_, limits.retry_pause,
              [this](std::vector<LoadedStream> streams) { hand_over(std::move(streams)); })),
          thread_([this] { run(); }) {}

    void submit(Command command, Reply reply);
    void stop();
    std::size_t waiting() const {
        std::lock_guard lock(mutex_);
        return waiting_;
    }

  private:
    void run();
    bool sleep_until_there_is_work();
    void hand_over(std::vector<LoadedStream> streams);
    void take_loaded();
    void apply(LoadedStream& loaded);
    void take_arrivals(std::deque<Pending>& from, std::size_t room);
    void expire(std::deque<Pending>& queue);
    void gather();
    bool put_aside(Pending& pending);
    void append_and_answer();
    std::optional<AppendResult> append();
    void settle(DecisionBatch::Member& member, const AppendCommand& appended, Outcome& outcome,
                const AppendResult& result);
    void drop_all_states();

    const LogFactory logs_;
    const Folds folds_;
    const ExecutorLimits limits_;
    const std::function<void(const AppendResult&)> committed_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Pending> urgent_, arrived_;
    std::vector<LoadedStream> loaded_;
    std::size_t waiting_ = 0;  // submitted and not answered
    bool stopping_ = false;

    // Of the decider thread alone.
    std::unique_ptr<Log> log_;
    StateCache cache_;
    std::uint64_t loader_connection_ = 0;
    std::deque<Pending> ready_;   // taken from the queues, oldest first
    std::deque<Pending> parked_;  // waiting for streams to be loaded
    std::unordered_map<StreamName, Version> loading_;
    std::unordered_map<StreamName, std::string> corrupt_;
    DecisionBatch batch_{cache_};
    std::deque<Pending> deferred_;  // to be decided once this batch is through

    ExecutorMetrics metrics_;

    std::unique_ptr<StreamLoader> loader_;
    std::thread thread_;
};

void Executor::Impl::submit(Command command, Reply reply) {
    INVARIANT(!command.streams.empty());
    Pending pending{std::move(command), {}};
    {
        std::lock_guard lock(mutex_);
        const bool full = !pending.command.first && waiting_ >= limits_.queue_max;
        if (!full && !stopping_) {
            ++waiting_;
            pending.reply = [this, reply = std::move(reply)](Answer answer) {
                {
                    std::lock_guard counting(mutex_);
                    --waiting_;
                }
                reply(std::move(answer));
            };
            (pending.command.first ? urgent_ : arrived_).push_back(std::move(pending));
            wake_.notify_one();
            return;
        }
    }
    reply(answer_of(AnswerKind::overloaded, pending.command));
}

void Executor::Impl::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    loader_.reset();
}

void Executor::Impl::hand_over(std::vector<LoadedStream> streams) {
    std::lock_guard lock(mutex_);
    for (auto& stream : streams) loaded_.push_back(std::move(stream));
    wake_.notify_one();
}

// False once there is nothing left to do and never will be.
bool Executor::Impl::sleep_until_there_is_work() {
    std::unique_lock lock(mutex_);
    metrics_.waiting.Set(static_cast<double>(waiting_));
    const auto something = [this] {
        return stopping_ || !urgent_.empty() || !arrived_.empty() || !loaded_.empty();
    };
    if (ready_.empty() && parked_.empty()) {
        wake_.wait(lock, something);
    } else if (ready_.empty()) {
        wake_.wait_for(lock, limits_.retry_pause, something);  // parked commands have deadlines
    }
    if (!stopping_) return true;
    take_arrivals(urgent_, urgent_.size());
    take_arrivals(arrived_, arrived_.size());
    lock.unlock();
    for (auto* queue : {&parked_, &ready_}) {
        for (auto& pending : *queue)
            give(pending, answer_of(AnswerKind::timed_out, pending.command));
        queue->clear();
    }
    return false;
}

void Executor::Impl::take_arrivals(std::deque<Pending>& from, std::size_t room) {
    for (; room > 0 && !from.empty(); --room) {
        ready_.push_back(std::move(from.front()));
        from.pop_front();
    }
}

void Executor::Impl::expire(std::deque<Pending>& queue) {
    const auto now = Clock::now();
    std::erase_if(queue, [&](Pending& pending) {
        if (pending.command.deadline > now) return false;
        give(pending, answer_of(AnswerKind::timed_out, pending.command));
        return true;
    });
}

void Executor::Impl::run() {
    while (sleep_until_there_is_work()) {
        take_loaded();
        expire(parked_);
        gather();
        append_and_answer();
        corrupt_.clear();
        cache_.trim();
    }
}

void Executor::Impl::take_loaded() {
    std::vector<LoadedStream> loaded;
    {
        std::lock_guard lock(mutex_);
        loaded.swap(loaded_);
    }
    if (loaded.empty()) return;
    for (auto& stream : loaded) {
        if (stream.connection != loader_connection_) drop_all_states();
        loader_connection_ = stream.connection;
    }
    for (auto& stream : loaded) apply(stream);
    // Parked commands are older than what waits in front of the decider.
    while (!parked_.empty()) {
        ready_.push_front(std::move(parked_.back()));
        parked_.pop_back();
    }
}

void Executor::Impl::apply(LoadedStream& loaded) {
    loading_.erase(loaded.stream);
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
        state.stale = false;
        cache_.put(loaded.stream, std::move(state));
    } catch (const CorruptStream& error) {
        diagnostics::log_error("a stream cannot be folded",
                               {{"stream", loaded.stream.text()}, {"error", error.what()}});
        cache_.erase(loaded.stream);
        corrupt_[loaded.stream] = error.what();
    }
}

void Executor::Impl::gather() {
    {
        std::lock_guard lock(mutex_);
        for (; !urgent_.empty(); urgent_.pop_back()) ready_.push_front(std::move(urgent_.back()));
        const auto room =
            limits_.batch_commands_max - std::min(limits_.batch_commands_max, ready_.size());
        take_arrivals(arrived_, room);
    }
    expire(ready_);
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
    auto result = batch_.empty() ? std::nullopt : append();
    if (result) {
        metrics_.batches.Increment();
        if (committed_) committed_(*result);
        batch_.keep_states(*result);
        for (std::size_t i = 0; i < batch_.members().size(); ++i) {
            settle(batch_.members()[i], batch_.appends()[i], result->outcomes[i], *result);
        }
    }
    batch_.clear();
    for (; !deferred_.empty(); deferred_.pop_back()) ready_.push_front(std::move(deferred_.back()));
}

// Sends the batch until the log answers. Nothing when every caller's deadline has passed or the
// program stops.
std::optional<AppendResult> Executor::Impl::append() {
    bool may_have_happened = false;
    for (bool first = true;; first = false) {
        try {
            const auto start = Clock::now();
            if (!log_) log_ = logs_();
            auto result = log_->append(batch_.appends());
            metrics_.append_seconds.Observe(
                std::chrono::duration<double>(Clock::now() - start).count());
            if (!first) drop_all_states();
            return result;
        } catch (const NotSent& error) {
            if (first)
                diagnostics::log_error("cannot reach the log, trying again",
                                       {{"error", error.what()}});
        } catch (const std::exception& error) {
            if (!may_have_happened) {
                diagnostics::log_error("the outcome of an append is unknown, sending it again",
                                       {{"error", error.what()}});
            }
            may_have_happened = true;
        }
        const auto kind = may_have_happened ? AnswerKind::outcome_unknown : AnswerKind::timed_out;
        bool stopping = false;
        {
            std::unique_lock lock(mutex_);
            stopping = wake_.wait_for(lock, limits_.retry_pause, [this] { return stopping_; });
            take_arrivals(arrived_, arrived_.size());
        }
        expire(ready_);
        expire(parked_);
        bool somebody_waits = false;
        for (auto& member : batch_.members()) {
            if (stopping || member.pending.command.deadline <= Clock::now()) {
                give(member.pending, answer_of(kind, member.pending.command));
            }
            somebody_waits |= static_cast<bool>(member.pending.reply);
        }
        if (!somebody_waits) {
            drop_all_states();
            return std::nullopt;
        }
    }
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

Executor::Executor(LogFactory logs, Folds folds, ExecutorLimits limits,
                   std::function<void(const AppendResult&)> committed)
    : impl_(std::make_unique<Impl>(std::move(logs), std::move(folds), limits,
                                   std::move(committed))) {}

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
