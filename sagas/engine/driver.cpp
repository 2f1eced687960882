#include "sagas/engine/driver.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::sagas {
namespace {

using eventstore::Answer;
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
        const auto rested = saga.resting.find("due");
        const bool rests = rested != saga.resting.end() && rested->second > Clock::now();
        if (const auto left = *due - clock_->now(); left > 0) {
            wake_at(Clock::now() + std::chrono::microseconds(left), saga);
        } else if (!rests) {
            saga.resting["due"] = Clock::now() + settings_.retry_first;
            learned(saga, Due{*due}, "due " + std::to_string(due->value()) + " " + place_of(saga));
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
        begin(saga, effect, key);
    }
    tell_next(saga);
}

// Queues what the saga is to be told; replies to one step are told together.
void Driver::learned(Saga& saga, Input input, std::string discriminator) {
    to_drive_.insert(saga.stream);
    if (saga.telling == discriminator) return;
    for (auto& [waiting, known] : saga.to_tell) {
        if (known == discriminator) return;
        auto* replies = std::get_if<Replies>(&waiting);
        const auto* more = std::get_if<Replies>(&input);
        if (replies != nullptr && more != nullptr && replies->step == more->step &&
            replies->undo == more->undo) {
            replies->replies.insert(replies->replies.end(), more->replies.begin(),
                                    more->replies.end());
            known += "+" + discriminator;
            return;
        }
    }
    saga.to_tell.emplace_back(std::move(input), std::move(discriminator));
}

void Driver::tell_next(Saga& saga) {
    if (!saga.telling.empty() || saga.to_tell.empty()) return;
    auto [input, discriminator] = std::move(saga.to_tell.front());
    saga.to_tell.pop_front();
    saga.telling = discriminator;
    auto told_events = std::make_shared<Told>();
    auto at = clock_->now();
    if (const auto* due = std::get_if<Due>(&input)) at = std::max(at, due->due);
    auto command =
        tell(registry_, saga.stream, input, at, discriminator, saga.tracing, told_events);
    command.deadline = command_deadline();
    executor_.submit(std::move(command), [door = door_, stream = saga.stream, input, discriminator,
                                          told_events](Answer answer) {
        door->post([=, answer = std::move(answer)](Driver& driver) {
            driver.told(stream, input, discriminator, *told_events, answer);
        });
    });
}

void Driver::told(const StreamName& stream, const Input& input, const std::string& discriminator,
                  const Told& told, const Answer& answer) {
    with(stream, [&](Saga& saga) {
        saga.telling.clear();
        const bool not_told = answer.kind != AnswerKind::done;
        if (not_told) {
            if (!passing(answer.kind)) {
                diagnostics::log_error("a saga cannot be told",
                                       {{"saga", stream.text()}, {"code", answer.refusal.code}});
            }
            saga.to_tell.emplace_front(input, discriminator);
            wake_at(
                Clock::now() + (passing(answer.kind) ? settings_.retry_first : settings_.retry_max),
                saga);
            return;
        }
        to_drive_.insert(stream);
        const auto before = saga.state.current;
        if (!answer.replayed && answer.count > 0 &&
            saga.version + answer.count == answer.version) {  // else the log tells, or told already
            for (const auto& event : told.events) saga::apply(saga.state, event);
            saga.version = answer.version;
        }
        if (saga.state.current != before) {
            saga.failures.clear();
            saga.resting.clear();
        }
        const auto done_with = [&](EffectKind kind, const std::string& step, bool undo) {
            if (saga.state.find(step) == nullptr) return;
            const auto key = key_of({kind, step, undo}, saga.state);
            saga.at_work.erase(key);
            // In vain: it has to wait for something else, or has moved on and the log has yet to
            // tell.
            if (answer.count == 0) rest(saga, key);
        };
        if (const auto* claim = std::get_if<Claim>(&input))
            done_with(EffectKind::claim, claim->step, claim->undo);
        if (const auto* result = std::get_if<AttemptResult>(&input))
            done_with(EffectKind::ask, result->step, result->undo);
        const auto* attempt = answer.replayed || answer.count == 0
                                  ? nullptr
                                  : std::get_if<saga::AttemptStarted>(&told.events.front());
        if (attempt != nullptr) return call_world(stream, *attempt);
        if (std::holds_alternative<Claim>(input)) call_queue_.over(stream);
    });
}

// The effect is tried again later: full jitter under a growing bound, which is the largest at once
// where too much is being tried again already.
void Driver::rest(Saga& saga, const std::string& key) {
    auto bound = std::min<milliseconds>(
        settings_.retry_max, settings_.retry_first * (1 << std::min(saga.failures[key]++, 10)));
    if (!retries_.take(Clock::now())) bound = settings_.retry_max;
    std::uniform_int_distribution<std::int64_t> jitter(1, bound.count());
    const auto until = Clock::now() + milliseconds(jitter(random_));
    saga.resting[key] = until;
    wake_at(until, saga);
}

}  // namespace skald::sagas
