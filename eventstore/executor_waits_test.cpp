// What the executor promises its callers while partitions are locked by others and while an append
// gives no answer: the rest goes on, and everybody hears by his deadline.
#include "eventstore/executor_fixture.h"
#include "eventstore/held_back.h"

namespace skald::eventstore {
namespace {

// A name of a total in this partition (of 4).
std::string name_in(int partition) {
    for (int i = 0;; ++i) {
        auto name = std::to_string(i);
        if (partition_of(total(name).partition_key(), 4) == Partition(partition)) return name;
    }
}

Command within(std::chrono::milliseconds patience, Command command) {
    command.deadline = Clock::now() + patience;
    return command;
}

bool unanswered(const std::future<Answer>& future) {
    return future.wait_for(0s) == std::future_status::timeout;
}

// One partition's lock was held by somebody else, and whole batches failed until their deadlines.
TEST_F(ExecutorTest, OnlyTheCommandsOfALockedPartitionWaitForIt) {
    const auto sick = name_in(0);
    const auto well = name_in(1);
    faults.locked = 1U << 0;
    auto across = add(well, 0);
    across.streams = {total(well), total(sick)};
    across.decide = [](const States&) -> Decided { return Accepted{{{added(10)}, {added(10)}}}; };
    std::vector<std::future<Answer>> waiting;
    std::vector<std::future<Answer>> going;
    for (int i = 0; i < 20; ++i) {
        waiting.push_back(submit(add(sick, 1)));
        going.push_back(submit(add(well, 1)));
    }
    auto both = submit(across);
    auto given_up = submit(within(50ms, add(sick, 100)));
    for (auto& one : going) EXPECT_EQ(one.get().kind, AnswerKind::done);
    EXPECT_EQ(given_up.get().kind, AnswerKind::timed_out);
    for (const auto& one : waiting) EXPECT_TRUE(unanswered(one));
    EXPECT_TRUE(unanswered(both));
    EXPECT_EQ(stored(well), 20);
    EXPECT_EQ(stored(sick), 0);

    faults.locked = 0;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        const auto answer = waiting[i].get();
        EXPECT_EQ(answer.kind, AnswerKind::done);
        EXPECT_EQ(answer.version, Version(static_cast<std::int64_t>(i + 1))) << "in their order";
    }
    EXPECT_EQ(both.get().kind, AnswerKind::done);
    EXPECT_EQ(stored(well), 30);
    EXPECT_EQ(stored(sick), 30);
}

// Commands come to wait for a partition by several ways: one whose append failed used to come
// behind those that had waited for a load meanwhile, and they overtook it.
TEST_F(ExecutorTest, HeldBackCommandsKeepTheOrderOfTheirArrival) {
    HeldBack held([this] { return std::make_unique<FaultyLog>(store, faults); }, 5ms, [] {});
    for (const std::uint64_t arrival : {3, 5, 1, 2, 4})
        held.add({.command = add("a", 1), .reply = {}, .arrival = arrival});
    std::vector<std::uint64_t> order;
    for (const auto& pending : held.waiting()) order.push_back(pending.arrival);
    EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

TEST_F(ExecutorTest, EachOfSeveralLockedPartitionsGoesOnAsSoonAsItIsFree) {
    faults.locked = 1U << 0 | 1U << 2;
    auto first = submit(add(name_in(0), 1));
    auto third = submit(add(name_in(2), 1));
    EXPECT_EQ(executor->run(add(name_in(1), 1)).kind, AnswerKind::done);
    faults.locked = 1U << 0;
    EXPECT_EQ(third.get().kind, AnswerKind::done);
    EXPECT_TRUE(unanswered(first));
    faults.locked = 0;
    EXPECT_EQ(first.get().kind, AnswerKind::done);
}

// The answer of an append was lost, and when it was sent again the partition was locked.
TEST_F(ExecutorTest, ACommandThatMayHaveHappenedIsUnknownAlsoAfterItWaitedForItsPartition) {
    auto command = within(100ms, add(name_in(0), 1));
    faults.fail_after_append = 1;
    faults.lock_after_append = 1U << 0;
    EXPECT_EQ(executor->run(command).kind, AnswerKind::outcome_unknown);
    faults.locked = 0;
    const auto again = executor->run(within(5s, command));
    EXPECT_EQ(again.kind, AnswerKind::done);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(stored(name_in(0)), 1);
}

// Callers heard nothing until the log did, however long that took.
TEST_F(ExecutorTest, CallersHearByTheirDeadlinesWhileAnAppendGivesNoAnswer) {
    faults.hold_appends = true;
    auto command = within(50ms, add("a", 5));
    auto in_flight = submit(command);
    while (!faults.holding) std::this_thread::yield();
    auto queued = submit(within(50ms, add("b", 5)));
    EXPECT_EQ(queued.get().kind, AnswerKind::timed_out);
    EXPECT_EQ(in_flight.get().kind, AnswerKind::outcome_unknown);
    faults.hold_appends = false;
    EXPECT_EQ(executor->run(add("c", 5)).kind, AnswerKind::done);
    const auto again = executor->run(within(5s, command));
    EXPECT_EQ(again.kind, AnswerKind::done);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(stored("a"), 5);
    EXPECT_EQ(stored("b"), 0);
}

// Two commands of one batch that could not be sent: the first was given up at its deadline, and
// then went out all the same with the second.
TEST_F(ExecutorTest, ACommandThatWasAnsweredTimedOutDoesNotHappenLater) {
    faults.fail_reads = 1'000'000;
    auto hasty = submit(within(200ms, add("hasty", 1)));
    auto patient = submit(add("patient", 1));
    // sleep: lets both wait for their load, so that they share a batch; else it only tests less
    std::this_thread::sleep_for(30ms);
    faults.fail_before_append = 1'000'000;
    faults.fail_reads = 0;
    EXPECT_EQ(hasty.get().kind, AnswerKind::timed_out);
    faults.fail_before_append = 0;
    EXPECT_EQ(patient.get().kind, AnswerKind::done);
    EXPECT_EQ(stored("hasty"), 0);
}

// Sagas' commands pass the bound of those from outside; nothing bounded them at all.
TEST_F(ExecutorTest, CommandsThatGoFirstHaveABoundOfTheirOwn) {
    executor.reset();
    start({.queue_max = 3});
    faults.hold_appends = true;
    std::vector<std::future<Answer>> held;
    const auto submit_first = [&] {
        auto command = add("a", 1);
        command.first = true;
        return submit(command);
    };
    for (int i = 0; i < 12; ++i) held.push_back(submit_first());
    auto beyond = submit_first();
    const bool answered = beyond.wait_for(1s) == std::future_status::ready;
    faults.hold_appends = false;
    EXPECT_TRUE(answered);
    EXPECT_EQ(beyond.get().kind, AnswerKind::overloaded);
    for (auto& one : held) EXPECT_EQ(one.get().kind, AnswerKind::done);
}

}  // namespace
}  // namespace skald::eventstore
