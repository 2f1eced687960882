// What another process writes to a partition is folded into the states that are held, so that a
// command need not fail first to learn of it.
#include "eventstore/executor_fixture.h"

namespace skald::eventstore {
namespace {

class ExecutorCatchUpTest : public ExecutorTest {
  protected:
    // How often a command on `name` had to be decided.
    int decisions(const std::string& name) {
        std::atomic<int> decided{0};
        auto command = add(name, 1);
        command.decide = [&decided, decide = command.decide](const States& states) {
            ++decided;
            return decide(states);
        };
        EXPECT_EQ(executor->run(command).kind, AnswerKind::done);
        return decided;
    }
    // From here on it reads what others write.
    void meet_a_conflict() {
        ASSERT_EQ(executor->run(add("a.beside", 1)).kind, AnswerKind::done);
        ASSERT_EQ(decisions("a"), 1);
        append_behind_the_executors_back("a", 1, 10);
        ASSERT_EQ(decisions("a"), 2);
    }
    // This executor learns from an append to the same partition that somebody else was there.
    void learn_of_others(const std::string& name) {
        const int before = faults.partition_reads;
        EXPECT_EQ(executor->run(add(name + ".beside", 1)).kind, AnswerKind::done);
        const auto deadline = Clock::now() + 10s;
        while (faults.partition_reads == before && Clock::now() < deadline)
            std::this_thread::yield();
        EXPECT_GT(faults.partition_reads, before) << "what others wrote was not read";
    }
};

TEST_F(ExecutorCatchUpTest, StatesFollowWhatOthersWrite) {
    meet_a_conflict();
    std::int64_t version = 3;
    int at_once = 0;
    for (int i = 0; i < 50; ++i) {
        append_behind_the_executors_back("a", version++, 10);
        learn_of_others("a");
        // sleep: what was read is handed over a moment later, most of the times in time
        std::this_thread::sleep_for(1ms);
        at_once += decisions("a") == 1 ? 1 : 0;
        ++version;
    }
    EXPECT_GT(at_once, 0);
    EXPECT_EQ(stored("a"), 1 + 11 + 50 * 11);
}

TEST_F(ExecutorCatchUpTest, NothingIsReadWhereNobodyElseWritesToTheSameStreams) {
    for (int i = 0; i < 20; ++i) {
        append_behind_the_executors_back("a.other", i, 1);
        ASSERT_EQ(decisions("a"), 1);
    }
    EXPECT_EQ(faults.partition_reads, 0);
}

TEST_F(ExecutorCatchUpTest, AnEventThatCannotBeFoldedIsToldToWhoeverNeedsTheStream) {
    meet_a_conflict();
    MemoryLog log(store);
    auto garbage = added(1);
    garbage.data = "garbage";
    log.append(std::vector{
        AppendCommand{.id = fresh_command_id(), .uses = {{total("a"), Version(3), {garbage}}}}});
    learn_of_others("a");
    EXPECT_EQ(executor->run(add("a", 1)).kind, AnswerKind::corrupt);
    EXPECT_EQ(executor->run(add("a.beside", 1)).kind, AnswerKind::done);
}

}  // namespace
}  // namespace skald::eventstore
