// While an append is under way the next batch is decided on what that one leaves if all of it is
// taken. What turns out otherwise is decided again.
#include "eventstore/executor_fixture.h"

namespace skald::eventstore {
namespace {

// As many as are worth deciding ahead, and more.
constexpr int many = 40;

class ExecutorAheadTest : public ExecutorTest {
  protected:
    // Adds 1 to `total`, which has an append under way, and counts that it was decided.
    Command counted_add(const std::string& total) {
        auto command = add(total, 1);
        command.decide = [this, decide = command.decide](const States& states) {
            ++decided;
            return decide(states);
        };
        return command;
    }
    // Decides on an event that no state of the total can take.
    static Command impossible(const std::string& total) {
        auto command = add(total, 1);
        command.decide = [](const States&) -> Decided {
            auto event = added(1);
            event.data = "garbage";
            return Accepted{{{added(1), std::move(event)}}};
        };
        return command;
    }
    // An append of `first` is under way until let_go().
    std::future<Answer> hold(Command first) {
        faults.hold_appends = true;
        auto answer = submit(std::move(first));
        while (!faults.holding) std::this_thread::yield();
        return answer;
    }
    void let_go() {
        faults.hold_appends = false;
        faults.holding = false;
    }
    void wait_until_decided(int number) {
        const auto deadline = Clock::now() + 10s;
        while (decided < number && Clock::now() < deadline) std::this_thread::yield();
        EXPECT_GE(decided, number) << "nothing was decided ahead";
    }
    std::vector<std::future<Answer>> submit_many(const std::function<Command(int)>& make) {
        std::vector<std::future<Answer>> answers;
        for (int i = 0; i < many; ++i) answers.push_back(submit(make(i)));
        return answers;
    }

    std::atomic<int> decided{0};
};

TEST_F(ExecutorAheadTest, CommandsAreDecidedOnWhatTheAppendUnderWayLeaves) {
    auto first = hold(add("a", 5));
    auto others = submit_many([&](int) { return counted_add("a"); });
    wait_until_decided(many);
    let_go();
    EXPECT_EQ(first.get().version, Version(1));
    for (int i = 0; i < many; ++i)
        EXPECT_EQ(others[static_cast<std::size_t>(i)].get().version, Version(2 + i));
    EXPECT_EQ(decided, many) << "decided again for nothing";
    EXPECT_EQ(faults.appends, 2);
    EXPECT_EQ(stored("a"), 5 + many);
}

TEST_F(ExecutorAheadTest, BehindAConflictAllIsDecidedAgain) {
    EXPECT_EQ(executor->run(add("a", 1)).kind, AnswerKind::done);
    auto first = hold(add("a", -1));
    // Refused where the first one is done, done where it is refused: it is.
    auto others = submit_many([&](int i) {
        if (i > 0) return counted_add("b");
        auto command = add("a", -100);
        command.decide = [this, decide = command.decide](const States& states) {
            ++decided;
            return decide(states);
        };
        return command;
    });
    wait_until_decided(many);
    append_behind_the_executors_back("a", 1, 1000);
    let_go();
    EXPECT_EQ(first.get().version, Version(3));
    for (auto& other : others) EXPECT_EQ(other.get().kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 1 + 1000 - 1 - 100);
    EXPECT_EQ(stored("b"), many - 1);
}

TEST_F(ExecutorAheadTest, AnAppendWhoseOutcomeWasUnknownIsNotBuiltUpon) {
    auto first = hold(add("a", 5));
    auto others = submit_many([&](int) { return counted_add("a"); });
    wait_until_decided(many);
    faults.fail_after_append = 1;
    let_go();
    EXPECT_EQ(first.get().kind, AnswerKind::done);
    for (auto& other : others) EXPECT_EQ(other.get().kind, AnswerKind::done);
    EXPECT_GE(decided, 2 * many);
    EXPECT_EQ(stored("a"), 5 + many);
}

TEST_F(ExecutorAheadTest, BehindALockedPartitionTheOrderStays) {
    auto first = hold(add("a", 5));
    auto others = submit_many([&](int) { return counted_add("a"); });
    wait_until_decided(many);
    faults.locked = ~0U;
    let_go();
    // sleep: until the lock is met; else it only tests less
    std::this_thread::sleep_for(20ms);
    faults.locked = 0;
    EXPECT_EQ(first.get().version, Version(1));
    for (int i = 0; i < many; ++i)
        EXPECT_EQ(others[static_cast<std::size_t>(i)].get().version, Version(2 + i));
}

// It was told that its event is impossible, by a state that never came to be.
TEST_F(ExecutorAheadTest, WhatIsImpossibleOnlyAheadIsDecidedAgain) {
    EXPECT_EQ(executor->run(add("a", 1)).kind, AnswerKind::done);
    auto first = hold(add("a", 1));
    auto others = submit_many([&](int) {
        auto command = add("a", 1);
        command.decide = [this](const States& states) -> Decided {
            ++decided;
            auto event = added(1);
            if (states.get<long>(0) == 2) event.data = "garbage";
            return Accepted{{{std::move(event)}}};
        };
        return command;
    });
    wait_until_decided(1);
    append_behind_the_executors_back("a", 1, 1000);
    let_go();
    EXPECT_EQ(first.get().kind, AnswerKind::done);
    for (auto& other : others) EXPECT_EQ(other.get().kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 1 + 1000 + 1 + many);
}

TEST_F(ExecutorAheadTest, DeadlinesOfWhatIsDecidedAheadAreKept) {
    auto first = hold(add("a", 5));
    auto others = submit_many([&](int i) {
        auto command = counted_add("a");
        if (i % 2 == 0) command.deadline = Clock::now() + 200ms;
        return command;
    });
    wait_until_decided(many);
    for (std::size_t i = 0; i < many; i += 2)
        EXPECT_EQ(others[i].get().kind, AnswerKind::timed_out);
    let_go();
    EXPECT_EQ(first.get().kind, AnswerKind::done);
    for (std::size_t i = 1; i < many; i += 2) EXPECT_EQ(others[i].get().kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 5 + many / 2);
}

// Of two batches that differed by one nothing was to be answered at once, and so the states of the
// first were not kept: what came next was decided, and stored, on those before it.
TEST_F(ExecutorAheadTest, BehindABatchOneLargerStatesAreThoseItLeft) {
    ASSERT_EQ(executor->run(add("s", 1)).kind, AnswerKind::done);
    ASSERT_EQ(executor->run(add("z", 1)).kind, AnswerKind::done);
    const int gate = faults.at_the_gate;
    const auto wait_at_gate = [&](int number) {
        while (faults.at_the_gate < gate + number) std::this_thread::yield();
    };
    auto warm = hold(add("w", 1));
    std::vector<std::future<Answer>> answers;
    answers.push_back(submit(counted_add("s")));
    for (int i = 1; i < 25; ++i) answers.push_back(submit(counted_add("x")));
    wait_until_decided(25);
    faults.let_through = 1;
    wait_at_gate(2);
    for (int i = 0; i < 24; ++i) answers.push_back(submit(counted_add("y")));
    wait_until_decided(25 + 24);
    std::atomic<int> reads{0};
    auto reader = add("z", 1);
    reader.streams.push_back(total("s"));
    reader.decide = [&reads](const States& states) -> Decided {
        ++reads;
        return Accepted{{{added(states.get<long>(1))}}};
    };
    answers.push_back(submit(reader));  // decided ahead after all, it only tests less
    let_go();
    for (auto& answer : answers) EXPECT_EQ(answer.get().kind, AnswerKind::done);
    EXPECT_EQ(stored("z"), 1 + 2);
    EXPECT_EQ(reads, 1) << "decided on the state before";
}

// A command that its own fold refuses had left a version behind in its batch, and the next batch
// was decided on it.
TEST_F(ExecutorAheadTest, WhatARefusedEventLeftIsNotBuiltUpon) {
    for (const auto* name : {"s", "x"})
        ASSERT_EQ(executor->run(add(name, 1)).kind, AnswerKind::done);
    auto first = hold(add("w", 1));
    auto refused = submit(impossible("s"));
    auto beside = submit(add("x", 1));
    faults.let_through = 1;
    EXPECT_EQ(refused.get().kind, AnswerKind::invalid);
    auto others = submit_many([&](int) { return counted_add("s"); });
    // sleep: lets what can be decided ahead be decided; else it only tests less
    std::this_thread::sleep_for(50ms);
    let_go();
    EXPECT_EQ(beside.get().kind, AnswerKind::done);
    for (int i = 0; i < many; ++i)
        EXPECT_EQ(others[static_cast<std::size_t>(i)].get().version, Version(2 + i));
    EXPECT_EQ(decided, many) << "decided on what was never stored";
}

// Given back by one batch after the other it was never answered, and held up all of its stream.
TEST_F(ExecutorAheadTest, WhatIsAlwaysImpossibleIsToldSoBehindTheAppendUnderWay) {
    for (const auto* name : {"a", "b"})
        ASSERT_EQ(executor->run(add(name, 1)).kind, AnswerKind::done);
    auto first = hold(add("w", 1));
    auto refused = submit(impossible("a"));
    auto others = submit_many([&](int) { return counted_add("b"); });
    wait_until_decided(many);
    faults.let_through = 1;  // the first; the next append is held
    EXPECT_EQ(refused.wait_for(5s), std::future_status::ready);
    let_go();
    EXPECT_EQ(refused.get().kind, AnswerKind::invalid);
    for (auto& other : others) EXPECT_EQ(other.get().kind, AnswerKind::done);
}

// Those of sagas that came later went in front of those that waited already.
TEST_F(ExecutorAheadTest, CommandsThatGoFirstKeepTheirOrder) {
    auto first = hold(add("w", 1));
    std::vector<std::future<Answer>> others;
    for (int i = 0; i < 3 * many; ++i) {
        auto command = add("s", 1);
        command.first = true;
        others.push_back(submit(std::move(command)));
        // sleep: some are taken before others come; else it only tests less
        if (i % many == 0) std::this_thread::sleep_for(25ms);
    }
    let_go();
    for (int i = 0; i < 3 * many; ++i)
        EXPECT_EQ(others[static_cast<std::size_t>(i)].get().version, Version(1 + i));
}

TEST_F(ExecutorAheadTest, WhatIsDecidedAheadWhenItStopsIsAnsweredAndDoesNotHappen) {
    auto first = hold(add("a", 5));
    auto others = submit_many([&](int) { return counted_add("a"); });
    wait_until_decided(many);
    std::thread stopping([&] { executor->stop(); });
    // sleep: until it stops; else it only tests less
    std::this_thread::sleep_for(20ms);
    let_go();
    stopping.join();
    EXPECT_EQ(first.get().kind, AnswerKind::done);
    for (auto& other : others) EXPECT_EQ(other.get().kind, AnswerKind::timed_out);
    EXPECT_EQ(stored("a"), 5);
}

}  // namespace
}  // namespace skald::eventstore
