// Drives the sagas of the partitions held: does what each wants done, and tells it what came of it.
// One thread holds all states; answers of the executor and of the world come to it as tasks. What
// it loses in a crash is wanted again afterwards: nothing here has to be durable.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sagas/engine/call_queue.h"
#include "sagas/engine/calls.h"
#include "sagas/engine/registry.h"
#include "sagas/engine/retry_budget.h"
#include "sagas/engine/saga_command.h"

namespace skald::sagas {

struct DriverSettings {
    std::size_t calls_at_once = 16;
    milliseconds command_deadline{5000};
    milliseconds retry_first{50};  // grows twofold, with full jitter
    milliseconds retry_max{5000};
    // A saga at rest whose deadline is farther away is not kept in memory: who knows its row wakes
    // it in time.
    milliseconds stays_awake{30'000};
};

// The database's time, as this machine reckons it. Thread-safe.
class DatabaseClock {
  public:
    void set_offset(std::chrono::microseconds offset) { offset_ = offset.count(); }
    kernel::Timestamp now() const {
        const auto here = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now().time_since_epoch());
        return kernel::Timestamp(here.count() + offset_);
    }

  private:
    std::atomic<std::int64_t> offset_{0};  // what it is ahead of this machine's clock
};

// A saga as its row shows it.
struct Row {
    eventstore::StreamName stream;
    eventstore::Version version;
    saga::State state;
    std::optional<kernel::Timestamp> due;
    bool at_rest = false;
};

class Driver {
  public:
    // `registry` and `executor` outlive the driver. `logs` reads streams and appends what cancels a
    // command.
    Driver(const Registry& registry, eventstore::Executor& executor, eventstore::LogFactory logs,
           std::shared_ptr<DatabaseClock> clock, DriverSettings settings = {});
    ~Driver();
    Driver(const Driver&) = delete;

    DatabaseClock& clock() { return *clock_; }
    milliseconds stays_awake() const { return settings_.stays_awake; }
    std::size_t sagas_in_memory();

    // What sagas are being told of a run of events: first those that begin by it, then the rest.
    struct Telling {
        std::vector<std::future<eventstore::Answer>> starts;
        std::vector<eventstore::Command> others;
    };
    Telling begin_to_tell(std::span<const eventstore::StoredEvent> run);

    // These wait until it is done, and throw what went wrong.
    void adopt(eventstore::Partition partition, std::vector<eventstore::StreamName> streams);
    // The same, of sagas that may be in memory already, and they go on.
    void wake(eventstore::Partition partition, const std::vector<eventstore::StreamName>& streams);
    // What was begun is durable.
    void hear(Telling telling);
    // Tells those that wait for sagas that have ended, durably.
    void tell_parents(std::span<const Row> rows);
    // Takes what the log says of the sagas' own streams; answers with how they stand.
    std::vector<Row> observe(eventstore::Partition partition,
                             std::span<const eventstore::StoredEvent> run);
    // The sagas adopted go on from now.
    void resume(eventstore::Partition partition);
    void release(eventstore::Partition partition);

  private:
    using Clock = std::chrono::steady_clock;

    struct Saga {
        eventstore::StreamName stream;
        eventstore::Partition partition;
        eventstore::Version version;
        saga::State state;
        const Registry::Known* known = nullptr;
        Tracing tracing;
        std::deque<std::pair<Input, std::string>> to_tell;  // with their discriminators
        std::string telling;                  // the discriminator of what is being told now
        std::set<std::string> at_work;        // effects under way
        int unanswered = 0;                   // commands, and questions to the world
        std::map<std::string, int> failures;  // by effect
        std::map<std::string, Clock::time_point> resting;  // effects that wait for another try
        std::optional<Clock::time_point> alarm;
    };
    // Through which answers come in; shut once the driver is gone.
    struct Door {
        std::mutex mutex;
        Driver* driver;
        void post(std::function<void(Driver&)> task) {
            std::lock_guard lock(mutex);
            if (driver != nullptr)
                driver->post([to = driver, task = std::move(task)] { task(*to); });
        }
    };
    using Sagas = std::unordered_map<eventstore::StreamName, Saga>;

    void run(const std::stop_token& stop);
    void post(std::function<void()> task);
    // Runs `call` on the driver's thread and waits for it.
    template <class Call>
    auto ask_thread(Call call) {
        auto task = std::make_shared<std::packaged_task<decltype(call())()>>(std::move(call));
        auto answer = task->get_future();
        post([task] { (*task)(); });
        return answer.get();
    }

    void load(eventstore::Partition partition, std::span<const eventstore::StreamName> streams);
    using Answers = decltype(Telling::starts);
    void submit(eventstore::Command command, Answers& answers);
    static void await(Answers answers);
    Saga& make(const eventstore::StreamName& stream, eventstore::Partition partition);
    void forget(Sagas::iterator saga);
    bool may_be_forgotten(const Saga& saga, const Row& row) const;
    void take(Saga& saga, const eventstore::StoredEvent& event);
    void take_or_drop(Saga& saga, const eventstore::StoredEvent& event);
    void drive(Saga& saga);
    static std::string key_of(const Effect& effect, const saga::State& state);
    void begin(Saga& saga, const Effect& effect, const std::string& key);
    void begin_send(Saga& saga, const Effect& effect, const std::string& key);
    void begin_cancel(Saga& saga, const Effect& effect, const std::string& key);
    void begin_child(Saga& saga, const Effect& effect, const std::string& key);
    void claim_calls();
    void claim_again(Saga& saga, const Effect& question);
    void begin_ask(Saga& saga, const Effect& effect, const std::string& key);
    void call_world(const eventstore::StreamName& stream, const saga::AttemptStarted& attempt);
    // `last`: the newest attempt when the world was asked.
    void asked(const eventstore::StreamName& stream, const Effect& effect, const std::string& key,
               const CallResult& result, std::int32_t last);
    void called(const eventstore::StreamName& stream, const saga::AttemptStarted& attempt,
                const CallResult& result);
    void answered(const eventstore::StreamName& stream, const Effect& effect,
                  const std::string& key, const eventstore::Answer& answer);
    void tell_due(Saga& saga, kernel::Timestamp due);
    void learned(Saga& saga, Input input, std::string discriminator);
    void tell_next(Saga& saga);
    void told(const eventstore::StreamName& stream, const Input& input,
              const std::string& discriminator, const Told& told, const eventstore::Answer& answer);
    void rest(Saga& saga, const std::string& key);
    static void answer_came(Saga& saga) {
        saga.unanswered = std::max(0, saga.unanswered - 1);  // it may have been read anew since
    }
    // No answer to the question: it may be asked again.
    static bool passing(eventstore::AnswerKind kind);
    void wake_at(Clock::time_point when, Saga& saga);
    // Where the saga stands, so that what is told of it now is not taken for what is told later.
    static std::string place_of(const Saga& saga) {
        return (saga.state.current ? saga.state.current->step : "") + " " +
               std::to_string(saga.version.value());
    }
    void look_after(const eventstore::StreamName& stream);
    template <class Then>
    void with(const eventstore::StreamName& stream, Then then) {
        if (const auto found = sagas_.find(stream); found != sagas_.end()) then(found->second);
    }
    void cancel_all();
    eventstore::Clock::time_point command_deadline() const {
        return eventstore::Clock::now() + settings_.command_deadline;
    }

    const Registry& registry_;
    eventstore::Executor& executor_;
    const eventstore::LogFactory logs_;
    const DriverSettings settings_;
    const std::shared_ptr<DatabaseClock> clock_;

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<std::function<void()>> tasks_;

    // Of the driver's thread alone.
    Sagas sagas_;
    std::set<std::pair<Clock::time_point, eventstore::StreamName>> alarms_;  // one a saga
    std::set<eventstore::StreamName> to_drive_;
    std::unique_ptr<eventstore::Log> log_;
    std::mt19937 random_{std::random_device{}()};
    RetryBudget retries_;
    struct Cancel {
        eventstore::StreamName stream;
        Effect effect;
        std::string key;
        eventstore::CommandId id;
    };
    std::vector<Cancel> cancels_;
    CallQueue call_queue_;

    std::shared_ptr<Door> door_;
    std::unique_ptr<Calls> calls_;
    std::jthread thread_;
};

}  // namespace skald::sagas
