#include "sagas/engine/driver.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::sagas {
namespace {

using eventstore::AnswerKind;
using eventstore::StreamName;

// Attempts claimed and not yet over, for each call that may be under way: the next claims are made
// while calls go on.
constexpr std::size_t claims_a_call = 4;

}  // namespace

Driver::Driver(const Registry& registry, eventstore::Executor& executor,
               eventstore::LogFactory logs, std::shared_ptr<DatabaseClock> clock,
               DriverSettings settings)
    : registry_(registry),
      executor_(executor),
      logs_(std::move(logs)),
      settings_(settings),
      clock_(std::move(clock)),
      call_queue_(claims_a_call * settings.calls_at_once),
      door_(std::make_shared<Door>()),
      calls_(std::make_unique<Calls>(settings.calls_at_once)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
    std::lock_guard lock(door_->mutex);
    door_->driver = this;
}

Driver::~Driver() {
    {
        std::lock_guard lock(door_->mutex);
        door_->driver = nullptr;
    }
    calls_.reset();
    thread_.request_stop();
    wake_.notify_all();
    thread_.join();
}

void Driver::post(std::function<void()> task) {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
}

void Driver::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::deque<std::function<void()>> tasks;
        {
            std::unique_lock lock(mutex_);
            const auto something = [this] { return !tasks_.empty() || !to_drive_.empty(); };
            auto until = alarms_.empty() ? Clock::time_point::max() : alarms_.begin()->first;
            if (call_queue_.waits_for_the_world())
                until = std::min(until, Clock::now() + settings_.retry_first);
            if (until == Clock::time_point::max()) {
                wake_.wait(lock, stop, something);
            } else {
                wake_.wait_until(lock, stop, until, something);
            }
            tasks.swap(tasks_);
        }
        for (auto& task : tasks) task();
        for (const auto now = Clock::now(); !alarms_.empty() && alarms_.begin()->first <= now;) {
            const auto stream = std::move(alarms_.extract(alarms_.begin()).value().second);
            with(stream, [](Saga& saga) { saga.alarm.reset(); });
            to_drive_.insert(stream);
        }
        for (const auto& stream : std::exchange(to_drive_, {})) look_after(stream);
        claim_calls();
        if (!cancels_.empty()) cancel_all();
    }
}

// One saga that cannot be driven must not keep the others from it.
void Driver::look_after(const StreamName& stream) {
    with(stream, [&](Saga& saga) {
        try {
            drive(saga);
        } catch (const std::exception& error) {
            diagnostics::log_error("a saga cannot be driven",
                                   {{"saga", stream.text()}, {"error", error.what()}});
            wake_at(Clock::now() + settings_.retry_max, saga);
        }
    });
}

bool Driver::passing(AnswerKind kind) {
    return kind == AnswerKind::overloaded || kind == AnswerKind::timed_out ||
           kind == AnswerKind::outcome_unknown || kind == AnswerKind::corrupt;
}

void Driver::wake_at(Clock::time_point when, Saga& saga) {
    if (saga.alarm && *saga.alarm <= when) return;
    if (saga.alarm) alarms_.erase({*saga.alarm, saga.stream});
    saga.alarm = when;
    alarms_.emplace(when, saga.stream);
}

void Driver::drive(Saga& saga) {
    if (saga.known == nullptr || saga::ended(saga.state.phase)) return;
    const auto& process = *saga.known->process;
    if (const auto due = next_due(process, saga.state)) {
        if (const auto left = *due - clock_->now(); left > 0) {
            wake_at(Clock::now() + std::chrono::microseconds(left), saga);
        } else {
            tell_due(saga, *due);
        }
    }
    for (const auto& effect : effects(process, saga.state)) {
        const auto key = key_of(effect, saga.state);
        if (saga.at_work.contains(key)) continue;
        if (const auto resting = saga.resting.find(key); resting != saga.resting.end()) {
            if (resting->second > Clock::now()) {
                wake_at(resting->second, saga);
                continue;
            }
            saga.resting.erase(resting);
        }
        saga.at_work.insert(key);
        if (!saga.failures.contains(key)) retries_.tried();
        try {
            begin(saga, effect, key);
        } catch (const std::exception& error) {
            diagnostics::log_error(
                "a saga's step cannot be done now",
                {{"saga", saga.stream.text()}, {"step", effect.step}, {"error", error.what()}});
            saga.at_work.erase(key);
            rest(saga, key);
        }
    }
    tell_next(saga);
}

}  // namespace skald::sagas
