// For tests of the driver: a saga, a world that answers as the test says, and a driver on a real
// executor and the log in memory. The follower's work is done by hand, on the test's thread.
#pragma once

#include <gtest/gtest.h>

#include "eventstore/executor_fixture.h"
#include "sagas/engine/driver.h"

namespace skald::sagas::testing {

using namespace std::chrono_literals;
using eventstore::FaultyLog;
using eventstore::MemoryLog;
using eventstore::Partition;
using eventstore::Position;
using eventstore::StreamName;
using saga::Outcome;
using saga::Phase;

inline constexpr Step tour_steps[] = {
    {.name = "hold",
     .kind = StepKind::commands,
     .then = "charge",
     .undo = Undo::by_itself,
     .deadline = 20s,
     .acquires = 1},
    {.name = "charge",
     .kind = StepKind::call,
     .then = "confirm",
     .pivot = true,
     .deadline = 20s,
     .attempt = 300ms,
     .settles = 1},
    {.name = "confirm",
     .kind = StepKind::wait,
     .last = true,
     .otherwise = Otherwise::go_on,
     .deadline = 50ms,
     .signal = "confirmed"},
};
inline constexpr Definition tour = verified<tour_steps>("tour", 1, 10min);

// As many holds as its input says, each a unit of a total.
class Tour : public Process {
  public:
    const Definition& definition() const override { return tour; }
    std::vector<StreamName> companion_streams(const std::string&) const override { return {}; }
    std::unique_ptr<Companions> companions(const eventstore::States&, std::size_t) const override {
        return std::make_unique<NoCompanions>();
    }
    std::int32_t items(const saga::State& saga, std::string_view) const override {
        return std::stoi(saga.input);
    }
    Send send(const saga::State& saga, std::string_view, std::int32_t item, bool undo,
              const std::string&) const override {
        return {eventstore::add(saga.subject + "." + std::to_string(item), undo ? -1 : 1), {}};
    }
};

// Answers as the test says: `n` counts from 1.
class ScriptedWorld : public World {
  public:
    std::function<CallResult(int n)> on_call = [](int) {
        return CallResult{Outcome::done, {}, "ref", {}};
    };
    std::function<CallResult(int n)> on_ask = [](int) {
        return CallResult{Outcome::done, {}, "ref", {}};
    };
    std::atomic<int> calls{0}, asks{0};
    mutable std::atomic<int> looks{0};
    std::atomic<bool> open{true};
    std::atomic<std::size_t> places{std::numeric_limits<std::size_t>::max()};  // while it is open

    std::size_t room() const override {
        ++looks;
        return open ? places.load() : 0;
    }
    CallResult call(const saga::State&, std::string_view, bool, const std::string& key,
                    milliseconds) override {
        {
            std::lock_guard lock(mutex_);
            keys_.insert(key);
        }
        return on_call(++calls);
    }
    CallResult ask(const saga::State&, std::string_view, bool, const std::string& key,
                   milliseconds) override {
        {
            std::lock_guard lock(mutex_);
            keys_.insert(key);
        }
        return on_ask(++asks);
    }
    std::size_t keys() {
        std::lock_guard lock(mutex_);
        return keys_.size();
    }

  private:
    std::mutex mutex_;
    std::set<std::string> keys_;
};

class DriverTest : public ::testing::Test {
  protected:
    void SetUp() override {
        registry.add(std::make_shared<Tour>(), world);
        auto known = eventstore::folds();
        for (const auto& saga : registry.names()) known[saga] = saga_fold();
        executor = std::make_unique<eventstore::Executor>(
            logs(), std::move(known), eventstore::ExecutorLimits{.retry_pause = 5ms});
        start_driver();
    }
    void TearDown() override {
        driver.reset();
        executor.reset();
    }
    eventstore::LogFactory logs() {
        return [this] { return std::make_unique<FaultyLog>(store, faults); };
    }
    void start_driver() {
        driver =
            std::make_unique<Driver>(registry, *executor, logs(), std::make_shared<DatabaseClock>(),
                                     DriverSettings{.calls_at_once = 2,
                                                    .command_deadline = command_deadline,
                                                    .retry_first = 10ms,
                                                    .retry_max = 50ms});
    }

    StreamName stream(const std::string& subject) const { return saga_stream(saga_name, subject); }
    Partition partition(const StreamName& of) const {
        return eventstore::partition_of(of.partition_key(), 4);
    }
    eventstore::Answer hear(const std::string& subject, Input input, const std::string& word) {
        auto command = tell(registry, stream(subject), std::move(input), driver->clock().now(),
                            word, {}, std::make_shared<Told>());
        command.deadline = eventstore::Clock::now() + 5s;
        return executor->run(std::move(command));
    }
    void begin(const std::string& subject, const char* seats = "2") {
        ASSERT_EQ(hear(subject, Start{subject, seats, ""}, "start").kind,
                  eventstore::AnswerKind::done);
    }
    // What a follower does with what is new in the log.
    void follow() {
        MemoryLog log(store);
        for (std::int32_t p = 0; p < 4; ++p) {
            const auto run = log.read(Partition(p), at[p], {});
            if (run.empty()) continue;
            at[p] = run.back().position;
            driver->hear(driver->begin_to_tell(run));
            driver->tell_parents(driver->observe(Partition(p), run));
        }
    }
    std::vector<eventstore::StoredEvent> events(const std::string& subject) {
        MemoryLog log(store);
        const eventstore::StreamFrom from[] = {{stream(subject), eventstore::Version(0)}};
        return log.read_streams(from, 100'000);
    }
    saga::State state(const std::string& subject) {
        saga::State saga;
        for (const auto& event : events(subject)) saga::apply(saga, decoded(event));
        return saga;
    }
    bool comes_to(const std::string& subject, Phase phase) {
        const auto until = std::chrono::steady_clock::now() + 15s;
        while (std::chrono::steady_clock::now() < until) {
            follow();
            if (state(subject).phase == phase) return true;
            std::this_thread::sleep_for(2ms);  // sleep: between looks at the log
        }
        return false;
    }
    long units(const std::string& subject) {
        MemoryLog log(store);
        long sum = 0;
        for (int item = 0; item < 2; ++item) {
            const eventstore::StreamFrom from[] = {
                {eventstore::total(subject + "." + std::to_string(item)), eventstore::Version(0)}};
            for (const auto& event : log.read_streams(from, 1000)) sum += std::stol(event.data);
        }
        return sum;
    }
    // A stream of a saga that no program can read.
    void spoil(const std::string& subject, int events_count) {
        MemoryLog log(store);
        std::vector<eventstore::NewEvent> garbage(
            static_cast<std::size_t>(events_count),
            {.type = "saga.started", .schema_version = 1, .data = "\xff\xff", .meta = {}});
        log.append(std::vector{eventstore::AppendCommand{
            .id = eventstore::fresh_command_id(),
            .uses = {{stream(subject), eventstore::Version(0), std::move(garbage)}}}});
    }

    std::string saga_name = "tour";  // of the sagas that the test is about
    milliseconds command_deadline{100};
    std::shared_ptr<eventstore::MemoryStore> store = std::make_shared<eventstore::MemoryStore>(4);
    eventstore::Faults faults;
    std::shared_ptr<ScriptedWorld> world = std::make_shared<ScriptedWorld>();
    Registry registry;
    std::unique_ptr<eventstore::Executor> executor;
    std::unique_ptr<Driver> driver;
    std::map<std::int32_t, Position> at;
};

}  // namespace skald::sagas::testing
