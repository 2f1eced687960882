// What the executor promises its callers when connections break, streams are corrupt and more comes
// than it can take.
#include "eventstore/executor_fixture.h"

namespace skald::eventstore {
namespace {

TEST_F(ExecutorTest, ABatchWhoseConnectionWasCutBehindTheCommitIsNotAppliedTwice) {
    faults.fail_after_append = 3;
    const auto answer = executor->run(add("a", 5));
    EXPECT_EQ(answer.kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 5);
    EXPECT_EQ(executor->run(add("a", -5)).kind, AnswerKind::done);
}

TEST_F(ExecutorTest, ABatchThatNeverLeftIsSentOnceTheLogIsBack) {
    faults.fail_before_append = 3;
    EXPECT_EQ(executor->run(add("a", 5)).kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 5);
}

TEST_F(ExecutorTest, PastItsDeadlineACommandThatMayHaveHappenedIsUnknown) {
    faults.fail_after_append = 1'000'000;
    auto command = add("a", 5);
    command.deadline = Clock::now() + 50ms;
    const auto answer = executor->run(command);
    EXPECT_EQ(answer.kind, AnswerKind::outcome_unknown);
    EXPECT_EQ(answer.id, command.id);
    faults.fail_after_append = 0;
    command.deadline = Clock::now() + 5s;
    const auto again = executor->run(command);
    EXPECT_EQ(again.kind, AnswerKind::done);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(stored("a"), 5);
}

TEST_F(ExecutorTest, PastItsDeadlineACommandThatWasNeverSentDidNotHappen) {
    faults.fail_before_append = 1'000'000;
    auto command = add("a", 5);
    command.deadline = Clock::now() + 50ms;
    EXPECT_EQ(executor->run(command).kind, AnswerKind::timed_out);
    faults.fail_before_append = 0;
    EXPECT_EQ(stored("a"), 0);
    EXPECT_EQ(executor->run(add("a", 1)).kind, AnswerKind::done);
}

TEST_F(ExecutorTest, LoadsThatFailAreTriedAgainUntilTheDeadline) {
    append_behind_the_executors_back("a", 0, 3);
    faults.fail_reads = 3;
    EXPECT_EQ(executor->run(add("a", -3)).kind, AnswerKind::done);
    faults.fail_reads = 1'000'000;
    auto command = add("b", 1);
    command.deadline = Clock::now() + 50ms;
    EXPECT_EQ(executor->run(command).kind, AnswerKind::timed_out);
    faults.fail_reads = 0;
}

// PostgreSQL goes away, and the append's connection heals before the loader's. States are dropped
// while a load of stream x is still queued, a second command on x asks for it again, and both
// requests used to be read in one query: x was folded twice from the same events, and "take 30 of
// 26" was acknowledged.
TEST_F(ExecutorTest, AStreamAskedForTwiceAcrossAReconnectIsFoldedOnce) {
    for (long n : {1, 2, 3}) append_behind_the_executors_back("x", n - 1, n);
    EXPECT_EQ(executor->run(add("y", 1)).kind, AnswerKind::done);
    faults.fail_reads = 1'000'000;
    const auto submit = [&] {
        auto promise = std::make_shared<std::promise<Answer>>();
        executor->submit(add("x", 10),
                         [promise](Answer answer) { promise->set_value(std::move(answer)); });
        return promise->get_future();
    };
    auto first = submit();
    faults.fail_after_append = 1;
    EXPECT_EQ(executor->run(add("y", 1)).kind, AnswerKind::done);
    auto second = submit();
    // sleep: gives the decider time to ask for x again, which nothing shows from outside; too short
    // a sleep only tests less
    std::this_thread::sleep_for(30ms);
    faults.fail_reads = 0;
    EXPECT_EQ(first.get().kind, AnswerKind::done);
    EXPECT_EQ(second.get().kind, AnswerKind::done);
    EXPECT_EQ(executor->run(add("x", -30)).kind, AnswerKind::refused);
    EXPECT_EQ(stored("x"), 26);
}

TEST_F(ExecutorTest, BeyondTheQueuesBoundOutsideCommandsAreTurnedAwayAndInsideOnesAreNot) {
    executor.reset();
    start({.queue_max = 3});
    faults.hold_appends = true;
    std::vector<std::future<Answer>> held;
    const auto submit = [&](bool first) {
        auto promise = std::make_shared<std::promise<Answer>>();
        auto command = add("a", 1);
        command.first = first;
        executor->submit(command,
                         [promise](Answer answer) { promise->set_value(std::move(answer)); });
        return promise->get_future();
    };
    for (int i = 0; i < 3; ++i) held.push_back(submit(false));
    EXPECT_EQ(submit(false).get().kind, AnswerKind::overloaded);
    held.push_back(submit(true));
    faults.hold_appends = false;
    for (auto& one : held) EXPECT_EQ(one.get().kind, AnswerKind::done);
}

TEST_F(ExecutorTest, AStreamThatCannotBeFoldedAnswersCorruptAndOthersGoOn) {
    MemoryLog log(store);
    log.append(std::vector{AppendCommand{
        .id = fresh_command_id(),
        .uses = {
            {total("bad"),
             Version(0),
             {{.type = "total.added", .schema_version = 1, .data = "garbage", .meta = {}}}}}}});
    const auto answer = executor->run(add("bad", 1));
    EXPECT_EQ(answer.kind, AnswerKind::corrupt);
    EXPECT_EQ(answer.refusal.code, "stream_corrupt");
    EXPECT_EQ(executor->run(add("good", 1)).kind, AnswerKind::done);
    EXPECT_EQ(executor->run(add("bad", 1)).kind, AnswerKind::corrupt);
}

TEST_F(ExecutorTest, AnEventThatItsOwnStateCannotTakeIsNeverStored) {
    auto command = add("a", 1);
    command.decide = [](const States&) -> Decided {
        return Accepted{
            {{{.type = "total.added", .schema_version = 1, .data = "garbage", .meta = {}}}}};
    };
    EXPECT_EQ(executor->run(command).kind, AnswerKind::invalid);
    EXPECT_EQ(executor->run(add("a", 1)).kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 1);
}

TEST_F(ExecutorTest, DataTheStoreRefusesFailsItsOwnCommandOnly) {
    auto command = add("a", 1);
    command.decide = [](const States&) -> Decided {
        return Accepted{
            {{{.type = std::string("n\0l", 3), .schema_version = 1, .data = "1", .meta = {}}}}};
    };
    EXPECT_EQ(executor->run(command).kind, AnswerKind::invalid);
    EXPECT_EQ(executor->run(add("a", 1)).kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 1);
}

TEST_F(ExecutorTest, StoppingAnswersEveryCaller) {
    faults.fail_before_append = 1'000'000;
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 10; ++i) {
        auto promise = std::make_shared<std::promise<Answer>>();
        answers.push_back(promise->get_future());
        executor->submit(add(std::to_string(i), 1),
                         [promise](Answer answer) { promise->set_value(std::move(answer)); });
    }
    executor->stop();
    for (auto& answer : answers) EXPECT_EQ(answer.get().kind, AnswerKind::timed_out);
    EXPECT_EQ(executor->run(add("late", 1)).kind, AnswerKind::overloaded);
}

// The story: a reading of several long streams was under way when the states were dropped, and was
// given up behind its first page, which the decider had taken for a beginning. What was read anew
// had other pages, none of which followed; who needed the stream waited for its next page until the
// deadline, and so did everybody after.
TEST_F(ExecutorTest, AStreamWhoseReadingIsGivenUpInTheMiddleIsReadAnew) {
    MemoryLog log(store);
    const auto grow = [&](const std::string& name, std::size_t events) {
        const AppendCommand command{
            .id = fresh_command_id(),
            .uses = {{total(name), Version(0), std::vector<NewEvent>(events, added(1))}}};
        log.append(std::span(&command, 1));
    };
    grow("long", 6000);
    std::vector<std::string> others;
    for (int i = 0; i < 8; ++i) grow(others.emplace_back("other-" + std::to_string(i)), 700);
    EXPECT_EQ(executor->run(add("here", 1)).kind, AnswerKind::done);

    faults.hold_reads = true;
    const int before = faults.reads_begun;
    auto first = add("first", 1);
    auto gate = submit(std::move(first));
    while (faults.reads_begun == before) std::this_thread::yield();
    // All of these are asked for while that is held, and so are read together.
    std::vector<std::future<Answer>> given_up;
    for (const auto& other : others) {
        auto command = add(other, 1);
        command.deadline = Clock::now() + 300ms;
        given_up.push_back(submit(std::move(command)));
    }
    auto wanted = submit(add("long", 1));
    for (auto& answer : given_up) EXPECT_EQ(answer.get().kind, AnswerKind::timed_out);
    faults.let_reads = 1;
    while (faults.reads_begun < before + 2) std::this_thread::yield();
    faults.fail_after_append = 1;  // the states are dropped, and the stream is asked for again
    const int appends = faults.appends;
    auto here = submit(add("here", 1));
    while (faults.appends < appends + 2) std::this_thread::yield();
    std::this_thread::sleep_for(20ms);  // sleep: the pace of the fault, not of any expectation
    faults.hold_reads = false;
    EXPECT_EQ(here.get().kind, AnswerKind::done);
    EXPECT_EQ(gate.get().kind, AnswerKind::done);
    EXPECT_EQ(wanted.get().kind, AnswerKind::done);
    EXPECT_EQ(stored("long"), 6001);
}

}  // namespace
}  // namespace skald::eventstore
