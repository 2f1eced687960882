// What the executor promises its callers while commands race, retry and share streams.
#include "eventstore/executor_fixture.h"

namespace skald::eventstore {
namespace {

TEST_F(ExecutorTest, ACommandIsAnsweredOnceItsEventsAreStored) {
    const auto answer = executor->run(add("a", 5));
    EXPECT_EQ(answer.kind, AnswerKind::done);
    EXPECT_EQ(answer.version, Version(1));
    EXPECT_EQ(answer.count, 1);
    EXPECT_FALSE(answer.replayed);
    ASSERT_EQ(answer.heads.size(), 1U);
    EXPECT_EQ(answer.heads[0].second, Position(1));
    EXPECT_EQ(stored("a"), 5);
}

TEST_F(ExecutorTest, ARefusalTellsItsReasonAndLeavesNoReceipt) {
    const auto id = fresh_command_id();
    const auto refused = executor->run(add("a", -1, id));
    EXPECT_EQ(refused.kind, AnswerKind::refused);
    EXPECT_EQ(refused.refusal.code, "not_enough");
    EXPECT_EQ(refused.refusal.pointer, "/n");
    executor->run(add("a", 5));
    EXPECT_EQ(executor->run(add("a", -1, id)).kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 4);
}

TEST_F(ExecutorTest, ARetryGetsTheFirstAnswer) {
    const auto id = fresh_command_id();
    executor->run(add("a", 5, id));
    executor->run(add("a", 7));
    const auto again = executor->run(add("a", 5, id));
    EXPECT_EQ(again.kind, AnswerKind::done);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.version, Version(1));
    EXPECT_EQ(stored("a"), 12);
}

TEST_F(ExecutorTest, ARetryThatWouldBeRefusedNowStillGetsTheFirstAnswer) {
    executor->run(add("a", 5));
    const auto id = fresh_command_id();
    executor->run(add("a", -5, id));
    const auto again = executor->run(add("a", -5, id));
    EXPECT_EQ(again.kind, AnswerKind::done);
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(stored("a"), 0);
}

TEST_F(ExecutorTest, AnotherRequestUnderAUsedIdIsRefused) {
    const auto id = fresh_command_id();
    executor->run(add("a", 5, id));
    EXPECT_EQ(executor->run(add("a", 6, id)).kind, AnswerKind::key_reused);
    EXPECT_EQ(stored("a"), 5);
}

TEST_F(ExecutorTest, NothingToDoLeavesAReceiptOnlyForAnIdFromOutside) {
    auto inside = add("a", 0);
    auto outside = add("a", 0);
    outside.id_from_outside = true;
    EXPECT_EQ(executor->run(inside).kind, AnswerKind::done);
    EXPECT_EQ(executor->run(outside).kind, AnswerKind::done);
    MemoryLog log(store);
    EXPECT_EQ(log.receipt(inside.id), std::nullopt);
    EXPECT_EQ(log.receipt(outside.id)->verdict, Verdict::nothing_to_do);
}

TEST_F(ExecutorTest, ACancelledCommandNeverRuns) {
    const auto id = fresh_command_id();
    MemoryLog(store).append(std::vector{cancelling(id)});
    EXPECT_EQ(executor->run(add("a", 5, id)).kind, AnswerKind::cancelled);
    EXPECT_EQ(stored("a"), 0);
}

TEST_F(ExecutorTest, IfMatchIsHeldAgainstTheLogAndNotTheCacheAlone) {
    executor->run(add("a", 5));
    auto command = add("a", 1);
    command.if_match = Version(7);
    const auto mismatch = executor->run(command);
    EXPECT_EQ(mismatch.kind, AnswerKind::version_mismatch);
    EXPECT_EQ(mismatch.version, Version(1));
    append_behind_the_executors_back("a", 1, 1);
    command = add("a", 1);
    command.if_match = Version(1);
    EXPECT_EQ(executor->run(command).kind, AnswerKind::version_mismatch);
    command = add("a", 1);
    command.if_match = Version(2);
    EXPECT_EQ(executor->run(command).kind, AnswerKind::done);
}

TEST_F(ExecutorTest, ManyCallersOnOneStreamShareFewAppends) {
    faults.hold_appends = true;
    std::vector<std::future<Answer>> answers;
    for (int i = 0; i < 100; ++i) {
        auto promise = std::make_shared<std::promise<Answer>>();
        answers.push_back(promise->get_future());
        executor->submit(add("hot", 1),
                         [promise](Answer answer) { promise->set_value(std::move(answer)); });
    }
    // sleep: lets the queue fill while the append is held; no outcome depends on it
    std::this_thread::sleep_for(20ms);
    faults.hold_appends = false;
    std::set<std::int64_t> versions;
    for (auto& answer : answers) versions.insert(answer.get().version.value());
    EXPECT_EQ(versions.size(), 100U);
    EXPECT_EQ(*versions.rbegin(), 100);
    EXPECT_LT(faults.appends, 20);
    EXPECT_EQ(stored("hot"), 100);
}

TEST_F(ExecutorTest, ARefusalDecidedOnAStaleCacheIsDecidedAgain) {
    executor->run(add("a", 1));
    append_behind_the_executors_back("a", 1, 10);
    EXPECT_EQ(executor->run(add("a", -5)).kind, AnswerKind::done);
    EXPECT_EQ(stored("a"), 6);
}

TEST_F(ExecutorTest, NothingToDoDecidedOnAStaleCacheIsDecidedAgain) {
    executor->run(add("a", 1));
    auto ensure_two = add("a", 1);
    ensure_two.decide = [](const States& states) -> Decided {
        if (states.get<long>(0) >= 1 && states.get<long>(0) != 0)
            return states.get<long>(0) == 1 ? Accepted{} : Accepted{{{added(100)}}};
        return Accepted{};
    };
    append_behind_the_executors_back("a", 1, 1);
    executor->run(ensure_two);
    EXPECT_EQ(stored("a"), 102);
}

TEST_F(ExecutorTest, TwoExecutorsOnOneStoreLoseNothing) {
    Executor other([this] { return std::make_unique<MemoryLog>(store); }, folds(), {});
    std::vector<std::jthread> threads;
    std::atomic<int> done{0};
    for (auto* which : {executor.get(), &other}) {
        for (int t = 0; t < 2; ++t) {
            threads.emplace_back([which, &done] {
                for (int i = 0; i < 50; ++i)
                    done += which->run(add("shared", 1)).kind == AnswerKind::done;
            });
        }
    }
    threads.clear();
    EXPECT_EQ(done, 200);
    EXPECT_EQ(stored("shared"), 200);
}

TEST_F(ExecutorTest, ATinyCacheChangesNothingButSpeed) {
    executor.reset();
    start({.cache_bytes_max = 1});
    for (int i = 0; i < 60; ++i)
        EXPECT_EQ(executor->run(add(std::to_string(i % 7), 1)).kind, AnswerKind::done);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(stored(std::to_string(i)), 9);
}

TEST_F(ExecutorTest, AGroupSeesAllItsStreamsAndStoresAllOrNothing) {
    executor->run(add("from", 10));
    auto move = add("from", 0);
    move.streams = {total("from"), total("to")};
    move.decide = [](const States& states) -> Decided {
        if (states.get<long>(0) < 7) return Refusal{"not_enough", "", ""};
        return Accepted{{{added(-7)}, {added(7)}}};
    };
    EXPECT_EQ(executor->run(move).kind, AnswerKind::done);
    EXPECT_EQ(stored("from"), 3);
    EXPECT_EQ(stored("to"), 7);
    move.id = fresh_command_id();
    EXPECT_EQ(executor->run(move).kind, AnswerKind::refused);
    EXPECT_EQ(stored("from") + stored("to"), 10);
}

}  // namespace
}  // namespace skald::eventstore
