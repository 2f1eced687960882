#include "sagas/engine/driver.h"

#include <algorithm>

#include "diagnostics/logger.h"

namespace skald::sagas {
namespace {

using eventstore::AnswerKind;
using eventstore::Partition;
using eventstore::StoredEvent;
using eventstore::StreamName;
using eventstore::Version;

constexpr std::size_t streams_at_once = 512;

}  // namespace

Driver::Driver(const Registry& registry, eventstore::Executor& executor,
               eventstore::LogFactory logs, std::shared_ptr<DatabaseClock> clock,
               DriverSettings settings)
    : registry_(registry),
      executor_(executor),
      logs_(std::move(logs)),
      settings_(settings),
      clock_(std::move(clock)),
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

// Runs `call` on the driver's thread and waits for it.
template <class Call>
auto Driver::ask_thread(Call call) {
    using Answered = decltype(call());
    auto task = std::make_shared<std::packaged_task<Answered()>>(std::move(call));
    auto answer = task->get_future();
    post([task] { (*task)(); });
    return answer.get();
}

void Driver::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::deque<std::function<void()>> tasks;
        {
            std::unique_lock lock(mutex_);
            const auto something = [this] { return !tasks_.empty() || !to_drive_.empty(); };
            if (alarms_.empty()) {
                wake_.wait(lock, stop, something);
            } else {
                wake_.wait_until(lock, stop, alarms_.begin()->first, something);
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

void Driver::adopt(Partition partition, std::vector<StreamName> streams) {
    ask_thread([&] { load(partition, streams); });
}

void Driver::wake(Partition partition, const std::vector<StreamName>& streams) {
    ask_thread([&] {
        std::vector<StreamName> missing;
        std::ranges::copy_if(streams, std::back_inserter(missing),
                             [&](const auto& stream) { return !sagas_.contains(stream); });
        load(partition, missing);
        to_drive_.insert(missing.begin(), missing.end());
    });
}

void Driver::resume(Partition partition) {
    ask_thread([&] {
        for (const auto& [stream, saga] : sagas_)
            if (saga.partition == partition) to_drive_.insert(stream);
    });
}

void Driver::release(Partition partition) {
    ask_thread([&] {
        for (auto saga = sagas_.begin(); saga != sagas_.end();) {
            const auto next = std::next(saga);
            if (saga->second.partition == partition) forget(saga);
            saga = next;
        }
    });
}

void Driver::forget(Sagas::iterator saga) {
    if (saga->second.alarm) alarms_.erase({*saga->second.alarm, saga->first});
    sagas_.erase(saga);
}

std::size_t Driver::sagas_in_memory() {
    return ask_thread([&] { return sagas_.size(); });
}

Driver::Saga& Driver::make(const StreamName& stream, Partition partition) {
    auto& saga = sagas_[stream];
    saga.stream = stream;
    saga.partition = partition;
    return saga;
}

void Driver::load(Partition partition, std::span<const StreamName> streams) {
    for (; streams.size() > streams_at_once; streams = streams.subspan(streams_at_once))
        load(partition, streams.first(streams_at_once));
    if (streams.empty()) return;
    try {
        if (!log_) log_ = logs_();
        std::vector<eventstore::StreamFrom> from;
        for (const auto& stream : streams) {
            if (const auto known = sagas_.find(stream); known != sagas_.end()) forget(known);
            make(stream, partition);
            from.push_back({stream, Version(0)});
        }
        constexpr std::int32_t page = 10'000;
        for (bool more = true; more && !from.empty();) {
            const auto events = log_->read_streams(from, page);
            for (const auto& event : events) {
                with(event.stream, [&](Saga& saga) { take_or_drop(saga, event); });
            }
            more = events.size() == static_cast<std::size_t>(page);
            std::erase_if(from, [&](auto& one) {
                const auto found = sagas_.find(one.stream);
                if (found == sagas_.end()) return true;  // what cannot be read is not read again
                one.after = found->second.version;
                return false;
            });
        }
    } catch (...) {
        log_.reset();
        throw;
    }
}

void Driver::take(Saga& saga, const StoredEvent& event) {
    if (event.version != saga.version + 1) return;
    saga::apply(saga.state, decoded(event));
    saga.version = event.version;
    if (saga.known == nullptr) {
        saga.known = registry_.find(saga.state.saga, saga.state.definition);
        if (saga.known == nullptr) {
            throw std::runtime_error(
                "this program does not know version " + std::to_string(saga.state.definition) +
                " of the saga " + saga.state.saga + ", which " + saga.stream.text() + " goes by");
        }
        saga.tracing.correlation_id = correlation_of(event);
    }
}

// A saga that cannot be read is not driven; the others of its partition are.
void Driver::take_or_drop(Saga& saga, const StoredEvent& event) {
    try {
        take(saga, event);
    } catch (const std::exception& error) {
        diagnostics::log_error("a saga cannot be read and is not driven",
                               {{"saga", event.stream.text()}, {"error", error.what()}});
        if (const auto known = sagas_.find(event.stream); known != sagas_.end()) forget(known);
    }
}

std::vector<Row> Driver::observe(Partition partition, std::span<const StoredEvent> run) {
    return ask_thread([&] {
        std::set<StreamName> seen, unknown;
        for (const auto& event : run) {
            if (!registry_.is_saga(event.stream.category())) continue;
            seen.insert(event.stream);
            if (event.version > Version(1) && !sagas_.contains(event.stream))
                unknown.insert(event.stream);
        }
        const std::vector<StreamName> missing(unknown.begin(), unknown.end());
        if (!missing.empty()) load(partition, missing);
        for (const auto& event : run) {
            if (!seen.contains(event.stream)) continue;
            const auto found = sagas_.find(event.stream);
            take_or_drop(found == sagas_.end() ? make(event.stream, partition) : found->second,
                         event);
        }
        std::vector<Row> rows;
        for (const auto& stream : seen) {
            const auto found = sagas_.find(stream);
            if (found == sagas_.end() || found->second.known == nullptr) continue;
            auto& saga = found->second;
            if (saga.state.phase == saga::Phase::stuck) {
                diagnostics::log_error("a saga is stuck; an operator has to look at it",
                                       {{"saga", stream.text()},
                                        {"step", saga.state.current->step},
                                        {"code", saga.state.code}});
            }
            const auto& process = *saga.known->process;
            rows.push_back({stream, saga.version, saga.state, next_due(process, saga.state),
                            at_rest(process, saga.state)});
            if (may_be_forgotten(saga, rows.back())) {
                forget(found);
            } else {
                to_drive_.insert(stream);
            }
        }
        return rows;
    });
}

// What is on its way to it, or nearly due, keeps it.
bool Driver::may_be_forgotten(const Saga& saga, const Row& row) const {
    if (saga::ended(row.state.phase)) return true;
    return row.at_rest && saga.telling.empty() && saga.to_tell.empty() && saga.questions == 0 &&
           (!row.due ||
            *row.due - clock_->now() > std::chrono::microseconds(settings_.stays_awake).count());
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
        begin(saga, effect, key);
    }
    tell_next(saga);
}

}  // namespace skald::sagas
