// The executor on the memory log, with faults between the two: what it promises its callers when
// commands race, connections break and logs move on under it.
#include "eventstore/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "eventstore/memory/memory_log.h"

namespace skald::eventstore {
namespace {

using namespace std::chrono_literals;

// The aggregate of these tests: a total that must not fall below zero.
class TotalFold : public Fold {
  public:
    std::any initial() const override { return 0L; }
    void apply(std::any& state, const StoredEvent& event) const override {
        if (event.data == "garbage") throw CorruptStream("garbage");
        state = std::any_cast<long>(state) + std::stol(event.data);
    }
    std::size_t bytes(const std::any&) const override { return sizeof(long); }
};

Folds folds() {
    return {{"total", std::make_shared<TotalFold>()}};
}

NewEvent added(long n) {
    return {.type = "total.added", .schema_version = 1, .data = std::to_string(n), .meta = {}};
}

StreamName total(const std::string& name) {
    return StreamName::of("total", name);
}

Command add(const std::string& name, long n, CommandId id = fresh_command_id()) {
    Command command;
    command.id = id;
    command.fingerprint = {static_cast<std::uint8_t>(n)};
    command.streams = {total(name)};
    command.deadline = Clock::now() + 5s;
    command.decide = [n](const States& states) -> Decided {
        const auto now = states.get<long>(0);
        if (n == 0) return Accepted{};
        if (now + n < 0) return Refusal{"not_enough", "there is not enough", "/n"};
        return Accepted{{{added(n)}}};
    };
    return command;
}

// What may go wrong between the executor and its log, set by the test and used up call by call.
struct Faults {
    std::atomic<int> fail_before_append{0};  // never sent
    std::atomic<int> fail_after_append{0};   // executed, then reported as lost
    std::atomic<int> fail_reads{0};
    std::atomic<bool> hold_appends{false};
    std::atomic<int> appends{0};
    std::function<void()> before_append;  // once, by the first append
};

class FaultyLog : public Log {
  public:
    FaultyLog(std::shared_ptr<MemoryStore> store, Faults& faults)
        : log_(std::move(store)), faults_(faults) {}

    StoreInfo store() override { return log_.store(); }
    AppendResult append(std::span<const AppendCommand> batch) override {
        if (faults_.before_append) std::exchange(faults_.before_append, nullptr)();
        while (faults_.hold_appends) std::this_thread::yield();
        if (take(faults_.fail_before_append)) throw NotSent("cannot connect");
        ++faults_.appends;
        auto result = log_.append(batch);
        if (take(faults_.fail_after_append)) throw Unavailable("connection lost");
        return result;
    }
    std::vector<StoredEvent> read(Partition partition, Position after,
                                  const ReadLimit& limit) override {
        return log_.read(partition, after, limit);
    }
    std::vector<StoredEvent> read_streams(std::span<const StreamFrom> streams,
                                          std::int32_t events_max) override {
        if (take(faults_.fail_reads)) throw Unavailable("connection lost");
        return log_.read_streams(streams, events_max);
    }
    Heads heads() override { return log_.heads(); }
    std::optional<Receipt> receipt(const CommandId& id) override { return log_.receipt(id); }

  private:
    static bool take(std::atomic<int>& count) { return count > 0 && count-- > 0; }
    MemoryLog log_;
    Faults& faults_;
};

class ExecutorTest : public testing::Test {
  protected:
    void start(ExecutorLimits limits = {}) {
        limits.retry_pause = 5ms;
        executor = std::make_unique<Executor>(
            [this] { return std::make_unique<FaultyLog>(store, faults); }, folds(), limits);
    }
    void SetUp() override { start(); }
    long stored(const std::string& name) {
        MemoryLog log(store);
        const StreamFrom from[] = {{total(name), Version(0)}};
        long sum = 0;
        for (const auto& event : log.read_streams(from, 1'000'000)) sum += std::stol(event.data);
        return sum;
    }
    // As another process would append.
    void append_behind_the_executors_back(const std::string& name, std::int64_t expected, long n) {
        MemoryLog log(store);
        log.append(std::vector{AppendCommand{
            .id = fresh_command_id(), .uses = {{total(name), Version(expected), {added(n)}}}}});
    }

    std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>(4);
    Faults faults;
    std::unique_ptr<Executor> executor;
};

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
    std::this_thread::sleep_for(
        20ms);  // lets the queue fill while the append is held; no outcome depends on it
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

}  // namespace
}  // namespace skald::eventstore
