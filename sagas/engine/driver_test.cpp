// The driver, in process: a real executor on the log in memory, a world that fails as the test
// says, and a follower's work done by hand. Each test sees a saga to its end through one fault.
#include "sagas/engine/driver_fixture.h"

namespace skald::sagas::testing {
namespace {

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

// What the world did not know of was called again past the queue, and also while it took no calls:
// each question claimed an attempt, which was turned away.
TEST_F(DriverTest, WhatIsNotThereWaitsForItsTurnToBeCalledAgain) {
    world->on_call = [this](int n) {
        if (n > 1) return CallResult{Outcome::done, {}, "ref", {}};
        world->open = false;
        return CallResult{};
    };
    world->on_ask = [](int) { return CallResult{Outcome::unknown, not_there, {}, {}}; };
    begin("a");
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (world->asks < 8 && std::chrono::steady_clock::now() < until) follow();
    EXPECT_GE(world->asks, 8) << "it goes on asking";
    EXPECT_EQ(world->calls, 1);
    EXPECT_EQ(state("a").find("charge")->forward.count, 1);
    world->open = true;
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(world->calls, 2);
    EXPECT_EQ(world->keys(), 1u);
}

// It had claimed the one place there was, behind a deadline that could not be told: nobody else was
// called any more.
TEST_F(DriverTest, WhoCannotBeToldKeepsNobodyFromCalling) {
    const std::string silent = "a";
    std::string other = "b";
    while (partition(stream(other)) == partition(stream(silent))) other += "b";
    const auto charges = [&](const std::string& subject) {
        begin(subject, "0");
        const auto until = std::chrono::steady_clock::now() + 15s;
        while (state(subject).find("charge") == nullptr && std::chrono::steady_clock::now() < until)
            follow();
        return state(subject).find("charge") != nullptr;
    };
    world->open = false;
    world->places = 1;
    ASSERT_TRUE(charges(silent));
    driver->clock().set_offset(15s);
    ASSERT_TRUE(charges(other));
    faults.locked = 1U << partition(stream(silent)).value();
    driver->clock().set_offset(25s);
    world->open = true;
    EXPECT_TRUE(comes_to(other, Phase::completed));
    EXPECT_EQ(world->calls, 1);
    faults.locked = 0;
    EXPECT_TRUE(comes_to(silent, Phase::undone));
}

// Calls queued behind the questions of all who were in doubt, and their time was over before their
// turn came.
TEST_F(DriverTest, QuestionsKeepNobodyFromCalling) {
    constexpr int doubters = 20;
    world->on_call = [](int n) {
        return n > doubters ? CallResult{Outcome::done, {}, "ref", {}} : CallResult{};
    };
    world->on_ask = [](int) {
        std::this_thread::sleep_for(100ms);  // sleep: a world that takes its time
        return CallResult{};
    };
    for (int i = 0; i < doubters; ++i) begin("d" + std::to_string(i), "0");
    const auto until = std::chrono::steady_clock::now() + 15s;
    while ((world->calls < doubters || world->asks < 4) && std::chrono::steady_clock::now() < until)
        follow();
    ASSERT_EQ(world->calls, doubters);
    begin("z", "0");
    EXPECT_TRUE(comes_to("z", Phase::completed));
}

constexpr Step nap_steps[] = {{.name = "nap",
                               .kind = StepKind::wait,
                               .last = true,
                               .undo = Undo::nothing,
                               .deadline = 30s,
                               .signal = "woken"}};
constexpr Definition nap_definition = verified<nap_steps>("nap", 1, 10min);

class Nap : public Process {
  public:
    const Definition& definition() const override { return nap_definition; }
    std::vector<StreamName> companion_streams(const std::string&) const override { return {}; }
    std::unique_ptr<Companions> companions(const eventstore::States&, std::size_t) const override {
        return std::make_unique<NoCompanions>();
    }
};

class NapTest : public DriverTest {
  protected:
    void SetUp() override {
        saga_name = "nap";
        registry.add(std::make_shared<Nap>());
        DriverTest::SetUp();
    }
};

// A deadline was told to a saga that had moved on, by a driver that did not know yet: nothing woke
// the driver again, and its receipt would have answered any repetition.
TEST_F(NapTest, ADeadlineToldInVainIsToldAgainAfterARest) {
    begin("a");
    const auto before = events("a");
    ASSERT_EQ(hear("a", Signal{"woken"}, "signal").kind, eventstore::AnswerKind::done);
    driver->clock().set_offset(31s);
    const int appends = faults.appends;
    driver->observe(partition(stream("a")), before);
    std::this_thread::sleep_for(500ms);  // sleep: long enough for many, without rest
    EXPECT_GT(faults.appends - appends, 2);
    EXPECT_LT(faults.appends - appends, 30);
}

// The log could not be read just when a sleeping saga was to be woken: what was left of the attempt
// was taken for the saga, which nobody ever read again.
TEST_F(NapTest, ASagaThatCouldNotBeReadIsReadTheNextTime) {
    begin("a");
    const auto where = partition(stream("a"));
    faults.fail_reads = 1;
    EXPECT_THROW(driver->wake(where, {stream("a")}), eventstore::Unavailable);
    EXPECT_EQ(driver->sagas_in_memory(), 0);
    driver->clock().set_offset(31s);
    driver->wake(where, {stream("a")});
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (!saga::ended(state("a").phase) && std::chrono::steady_clock::now() < until)
        std::this_thread::yield();
    EXPECT_TRUE(saga::ended(state("a").phase));
}

// Claims that could not be told kept their places, and with them all others from calling.
TEST_F(DriverTest, ALockedPartitionKeepsNobodyElseFromCalling) {
    world->open = false;
    std::vector<std::string> locked;
    std::string free;
    for (int i = 0; locked.size() < 12 || free.empty(); ++i) {
        const auto name = "s" + std::to_string(i);
        if (partition(stream(name)) == Partition(0)) {
            locked.push_back(name);
        } else {
            free = name;
        }
    }
    for (const auto& name : locked) begin(name, "0");
    begin(free, "0");
    const auto until = std::chrono::steady_clock::now() + 15s;
    while (world->looks < 20 && std::chrono::steady_clock::now() < until) follow();
    faults.locked = 1;
    world->open = true;
    EXPECT_TRUE(comes_to(free, Phase::completed));
    faults.locked = 0;
    for (const auto& name : locked) EXPECT_TRUE(comes_to(name, Phase::completed));
}

}  // namespace
}  // namespace skald::sagas::testing
