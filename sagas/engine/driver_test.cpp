// The driver, in process: a real executor on the log in memory, a world that fails as the test
// says, and a follower's work done by hand. Each test sees a saga to its end through one fault.
#include "sagas/engine/driver.h"

#include <gtest/gtest.h>

#include "eventstore/executor_fixture.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;
using eventstore::FaultyLog;
using eventstore::MemoryLog;
using eventstore::Partition;
using eventstore::Position;
using eventstore::StreamName;
using saga::Outcome;
using saga::Phase;

constexpr Step tour_steps[] = {
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
constexpr Definition tour = verified<tour_steps>("tour", 1, 10min);

// As many holds as its input says, each a unit of a total.
class Tour : public Process {
  public:
    const Definition& definition() const override { return tour; }
    std::vector<StreamName> companion_streams(const std::string&) const override { return {}; }
    std::unique_ptr<Companions> companions(const eventstore::States&, std::size_t) const override {
        class None : public Companions {
            Taken take(const saga::State&, const Happening&) override { return {}; }
            std::vector<std::vector<eventstore::NewEvent>> events(
                const std::string&) const override {
                return {};
            }
        };
        return std::make_unique<None>();
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

    bool takes_calls() const override {
        ++looks;
        return open;
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
        known["tour"] = saga_fold();
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
                                                    .command_deadline = 100ms,
                                                    .retry_first = 10ms,
                                                    .retry_max = 50ms});
    }

    static StreamName stream(const std::string& subject) { return saga_stream("tour", subject); }
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

    std::shared_ptr<eventstore::MemoryStore> store = std::make_shared<eventstore::MemoryStore>(4);
    eventstore::Faults faults;
    std::shared_ptr<ScriptedWorld> world = std::make_shared<ScriptedWorld>();
    Registry registry;
    std::unique_ptr<eventstore::Executor> executor;
    std::unique_ptr<Driver> driver;
    std::map<std::int32_t, Position> at;
};

TEST_F(DriverTest, ASagaGoesToItsEnd) {
    begin("a");
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(units("a"), 2);
    EXPECT_EQ(world->calls, 1);
    EXPECT_EQ(world->asks, 0);
}

TEST_F(DriverTest, ACallThatThrowsIsAskedFor) {
    world->on_call = [](int) -> CallResult { throw std::runtime_error("the line is cut"); };
    begin("a");
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(world->calls, 1);
    EXPECT_EQ(world->asks, 1);
}

TEST_F(DriverTest, AQuestionThatThrowsIsAskedAgain) {
    world->on_call = [](int) { return CallResult{}; };
    world->on_ask = [](int n) -> CallResult {
        if (n < 4) throw std::runtime_error("the line is cut");
        return {Outcome::done, {}, "ref", {}};
    };
    begin("a");
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(world->calls, 1);
    EXPECT_EQ(world->asks, 4);
}

// Nothing is there so far: called again, under the same key.
TEST_F(DriverTest, WhatIsNotThereIsCalledAgainUnderTheSameKey) {
    world->on_call = [](int n) {
        return n < 3 ? CallResult{} : CallResult{Outcome::done, {}, "ref", {}};
    };
    world->on_ask = [](int) { return CallResult{Outcome::unknown, not_there, {}, {}}; };
    begin("a");
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(world->calls, 3);
    EXPECT_EQ(world->keys(), 1u);
    EXPECT_EQ(state("a").find("charge")->forward.count, 3);
}

TEST_F(DriverTest, WhatNeverWasIsCalledAnew) {
    world->on_call = [](int n) {
        return n < 2 ? CallResult{} : CallResult{Outcome::done, {}, "ref", {}};
    };
    world->on_ask = [](int) { return CallResult{Outcome::not_sent, {}, {}, {}}; };
    begin("a");
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(world->calls, 2);
}

TEST_F(DriverTest, ARefusedCallUndoesWhatWasHeld) {
    world->on_call = [](int) { return CallResult{Outcome::refused, "no", {}, {}}; };
    begin("a");
    EXPECT_TRUE(comes_to("a", Phase::undone));
    EXPECT_EQ(units("a"), 0);
}

// The log takes nothing for longer than a command waits: what was not told is told afterwards.
TEST_F(DriverTest, WhatTimesOutIsToldAfterARest) {
    begin("a");
    faults.hold_appends = true;
    follow();
    std::this_thread::sleep_for(300ms);  // sleep: three times as long as a command may wait
    faults.hold_appends = false;
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(units("a"), 2);
}

TEST_F(DriverTest, AnAppendWhoseAnswerIsLostHappensOnce) {
    begin("a");
    faults.fail_after_append = 5;
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(units("a"), 2);
    EXPECT_EQ(world->calls, 1);
}

TEST_F(DriverTest, AStreamThatCannotBeReadStopsNoOther) {
    spoil("bad", 3);
    for (const auto* subject : {"a", "b", "c", "d"}) begin(subject);
    for (const auto* subject : {"a", "b", "c", "d"})
        EXPECT_TRUE(comes_to(subject, Phase::completed)) << subject;
}

// More of it than is read at a time: adopting its partition never ended.
TEST_F(DriverTest, ALongStreamThatCannotBeReadStopsNoOther) {
    spoil("bad", 10'001);
    begin("a", "1");
    for (std::int32_t p = 0; p < 4; ++p) {
        std::vector<StreamName> live;
        for (const auto* subject : {"bad", "a"})
            if (partition(stream(subject)) == Partition(p)) live.push_back(stream(subject));
        driver->adopt(Partition(p), live);
        driver->resume(Partition(p));
    }
    EXPECT_TRUE(comes_to("a", Phase::completed));
}

TEST_F(DriverTest, AnEventHeardTwiceIsHeardOnce) {
    registry.listen([](const eventstore::StoredEvent& event) -> std::vector<Hearing> {
        if (event.stream == eventstore::total("go")) return {{"tour", "a", Start{"a", "1", ""}}};
        if (event.stream == eventstore::total("confirm"))
            return {{"tour", "a", Signal{"confirmed"}}};
        return {};
    });
    ASSERT_EQ(executor->run(eventstore::add("go", 1)).kind, eventstore::AnswerKind::done);
    ASSERT_EQ(executor->run(eventstore::add("confirm", 1)).kind, eventstore::AnswerKind::done);
    MemoryLog log(store);
    for (int i = 0; i < 3; ++i) {
        for (const auto* name : {"go", "confirm"})
            driver->hear(driver->begin_to_tell(
                log.read(partition(eventstore::total(name)), Position(0), {})));
    }
    const auto heard = events("a");
    EXPECT_EQ(std::ranges::count(heard, "saga.started", &eventstore::StoredEvent::type), 1);
    EXPECT_EQ(heard.size(), 2u) << "it began, and heard the signal";
    EXPECT_TRUE(comes_to("a", Phase::completed));
}

// Everything a driver knows may be lost while a call is under way.
TEST_F(DriverTest, WhoeverTakesOverAsksForWhatTheOtherBegan) {
    std::atomic<bool> calling = false;
    world->on_call = [&](int) {
        calling = true;
        std::this_thread::sleep_for(50ms);  // sleep: a provider at work
        return CallResult{Outcome::done, {}, "ref", {}};
    };
    begin("a");
    follow();
    while (!calling) std::this_thread::yield();
    driver.reset();
    start_driver();
    driver->adopt(partition(stream("a")), {stream("a")});
    driver->resume(partition(stream("a")));
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(world->calls, 1);
    EXPECT_EQ(world->asks, 1);
    EXPECT_EQ(units("a"), 2);
}

// A driver that does not know yet how a saga moved on claims in vain: it rests between.
TEST_F(DriverTest, ClaimsInVainAreNotRepeatedWithoutRest) {
    begin("a", "0");
    const auto before = events("a");
    ASSERT_EQ(hear("a", Abort{"changed"}, "abort").kind, eventstore::AnswerKind::done);
    const int appends = faults.appends;
    driver->observe(partition(stream("a")), before);
    std::this_thread::sleep_for(300ms);  // sleep: long enough for thousands, without rest
    EXPECT_LT(faults.appends - appends, 60);
    EXPECT_EQ(world->calls, 0);
}

// While the provider's circuit was open every saga that wanted a call claimed an attempt, which
// was turned away, and claimed the next: two events each, for as long as the provider was away.
TEST_F(DriverTest, NothingIsClaimedWhileTheWorldTakesNoCalls) {
    world->open = false;
    begin("a");
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (world->looks < 5 && std::chrono::steady_clock::now() < until) follow();
    EXPECT_GE(world->looks, 5);
    const auto attempts = [&] {
        return std::ranges::count_if(
            events("a"), [](const auto& event) { return event.type == "saga.attempt_started"; });
    };
    EXPECT_EQ(attempts(), 0);
    world->open = true;
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(attempts(), 1);
}

}  // namespace
}  // namespace skald::sagas
