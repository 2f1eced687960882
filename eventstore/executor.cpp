// Two threads: one decides, appends and answers; while its append is under way the other decides
// ahead, answers who is still to be answered, and hears the clock.
#include "eventstore/executor.h"

#include <future>
#include <thread>

#include "domain/kernel/invariant.h"
#include "eventstore/append_lane.h"
#include "eventstore/decider.h"
#include "eventstore/executor_metrics.h"
#include "eventstore/inbox.h"

namespace skald::eventstore {
namespace {

// How often the clock is looked at while an append is under way.
constexpr std::chrono::milliseconds clock_tick{20};
// So many commands are worth two appends, so that some are decided and answered while others are
// written: an append costs by itself about what deciding and answering half of them does.
constexpr std::size_t worth_two_appends = 48;
constexpr std::atomic<bool> never{false};

}  // namespace

class Executor::Impl {
  public:
    Impl(LogFactory logs, Folds folds, ExecutorLimits limits, CommitListener listener)
        : limits_(limits),
          inbox_(limits.queue_max),
          decider_(logs, std::move(folds), limits, std::move(listener), inbox_),
          lane_(logs, limits.retry_pause, [this] { inbox_.append_waits(); }),
          appending_([this] { append_in_turn(); }),
          looking_ahead_([this] { look_ahead(); }) {}

    void submit(Command command, Reply reply);
    void stop();
    std::size_t waiting() const { return inbox_.waiting(); }

  private:
    using Lock = std::unique_lock<std::mutex>;
    void append_in_turn();
    bool sleep_until_there_is_work(Lock& lock);
    AppendLane::End append(std::span<const AppendCommand> batch, Lock& lock);
    void go_on_behind(std::size_t batch_size);
    void look_ahead();

    const ExecutorLimits limits_;
    Inbox inbox_;
    std::mutex mutex_;
    Decider decider_;  // of whoever holds the mutex
    AppendLane lane_;
    std::atomic<bool> append_ended_{false};  // who looks ahead is to make way
    ExecutorMetrics metrics_;
    std::thread appending_;
    std::thread looking_ahead_;
};

void Executor::Impl::submit(Command command, Reply reply) {
    INVARIANT(!command.streams.empty());
    Pending pending{std::move(command), std::move(reply)};
    if (!inbox_.submit(pending)) give(pending, answer_of(AnswerKind::overloaded, pending.command));
}

void Executor::Impl::stop() {
    inbox_.stop();
    if (appending_.joinable()) appending_.join();
    inbox_.close();
    if (looking_ahead_.joinable()) looking_ahead_.join();
}

void Executor::Impl::append_in_turn() {
    Lock lock(mutex_);
    while (sleep_until_there_is_work(lock)) {
        decider_.look_around();
        decider_.decide(never);
        for (;;) {
            const auto batch = decider_.begin();
            if (batch.empty()) break;
            const auto size = batch.size();
            decider_.end(append(batch, lock));
            go_on_behind(size);
        }
    }
}

// False once there is nothing left to do and never will be.
bool Executor::Impl::sleep_until_there_is_work(Lock& lock) {
    metrics_.waiting.Set(static_cast<double>(inbox_.waiting()));
    decider_.settle();
    const bool idle = decider_.idle();
    const bool empty = decider_.empty();
    lock.unlock();
    if (empty) {
        inbox_.wait();
    } else if (idle) {
        inbox_.wait(limits_.retry_pause);  // what waits elsewhere has deadlines
    }
    lock.lock();
    if (!inbox_.stopping()) return true;
    decider_.give_up();
    return false;
}

AppendLane::End Executor::Impl::append(std::span<const AppendCommand> batch, Lock& lock) {
    append_ended_ = false;
    inbox_.append_begins(decider_.unsettled() > 0);
    lock.unlock();
    auto end = lane_.append(batch);
    append_ended_ = true;
    inbox_.append_ended();
    lock.lock();
    return end;
}

// Answers and decides as much as should be before the next append; where there is much of both, the
// rest is done while that is under way.
void Executor::Impl::go_on_behind(std::size_t batch_size) {
    const auto ahead = decider_.forming();
    if (inbox_.stopping()) return decider_.give_up();
    if (batch_size + ahead < worth_two_appends) {
        decider_.settle();
    } else if (ahead < batch_size) {
        decider_.settle((batch_size - ahead) / 2);
    } else {
        return;
    }
    decider_.look_around();
    decider_.decide(never);
}

void Executor::Impl::look_ahead() {
    auto tick = Clock::now();
    while (inbox_.wait_ahead(tick)) {
        Lock lock(mutex_);
        if (!decider_.under_way() || append_ended_) continue;
        decider_.settle();
        decider_.look_around();
        if (const auto now = Clock::now(); now >= tick) {
            tick = now + clock_tick;
            if (decider_.answer_the_late() || inbox_.stopping()) lane_.give_up();
        }
        decider_.decide(append_ended_);
        if (decider_.full()) inbox_.no_room_ahead();
    }
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
