// What an operator has tried again, in process and against a bank that keeps its books by key: it
// answers a key for ever as it answered it first, and some of its answers are lost.
#include "sagas/engine/driver_fixture.h"

namespace skald::sagas::testing {
namespace {

constexpr Step fee_steps[] = {{.name = "pay",
                               .kind = StepKind::call,
                               .last = true,
                               .otherwise = Otherwise::stick,
                               .pivot = true,
                               .deadline = 20s,
                               .attempt = 300ms}};
constexpr Definition fee_definition = verified<fee_steps>("fee", 1, 10min);

class Fee : public Process {
  public:
    const Definition& definition() const override { return fee_definition; }
    std::vector<StreamName> companion_streams(const std::string&) const override { return {}; }
    std::unique_ptr<Companions> companions(const eventstore::States&, std::size_t) const override {
        return std::make_unique<NoCompanions>();
    }
};

class Bank : public World {
  public:
    std::atomic<bool> refuses{true};     // what it has not answered before
    std::atomic<int> loses_requests{0};  // so many of the next ones never arrive
    std::atomic<bool> is_silent{false};  // what it says to calls is lost; asked, it answers
    std::atomic<bool> thinks{false};     // before it answers what it is asked
    std::atomic<bool> is_asked{false};

    CallResult call(const saga::State&, std::string_view, bool, const std::string& key,
                    milliseconds) override {
        std::lock_guard lock(mutex_);
        if (loses_requests > 0) return --loses_requests, CallResult{};
        const auto fresh = refuses ? CallResult{Outcome::refused, "closed", {}, {}}
                                   : CallResult{Outcome::done, {}, "ref", {}};
        const auto& entry = books_.emplace(key, fresh).first->second;
        return is_silent ? CallResult{} : entry;
    }
    CallResult ask(const saga::State&, std::string_view, bool, const std::string& key,
                   milliseconds) override {
        is_asked = true;
        while (thinks) std::this_thread::yield();
        std::lock_guard lock(mutex_);
        const auto found = books_.find(key);
        if (found != books_.end()) return found->second;
        return {Outcome::unknown, not_there, {}, {}};
    }
    // What is in the books.
    std::multiset<Outcome> entries() {
        std::lock_guard lock(mutex_);
        std::multiset<Outcome> all;
        for (const auto& [key, entry] : books_) all.insert(entry.outcome);
        return all;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, CallResult> books_;
};

class RepairedCalls : public DriverTest {
  protected:
    void SetUp() override {
        saga_name = "fee";
        registry.add(std::make_shared<Fee>(), bank);
        DriverTest::SetUp();
    }
    void stuck() {
        begin("a");
        ASSERT_TRUE(comes_to("a", Phase::stuck));
    }
    void retry() {
        ASSERT_EQ(hear("a", Repair{RepairAction::retry, "op", "why", ""},
                       "retry " + std::to_string(events("a").size()))
                      .kind,
                  eventstore::AnswerKind::done);
    }
    saga::Attempts attempts() { return state("a").find("pay")->forward; }

    const std::shared_ptr<Bank> bank = std::make_shared<Bank>();
    const std::multiset<Outcome> refused_then_done{Outcome::refused, Outcome::done};
};

// The call's key was for ever the same, and so was the bank's answer: no retry ever helped.
TEST_F(RepairedCalls, WhatWasRefusedIsMadeAgainUnderAnotherKey) {
    stuck();
    bank->refuses = false;
    retry();
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(bank->entries(), refused_then_done);
}

TEST_F(RepairedCalls, ARefusalCanBeFollowedByOthers) {
    stuck();
    for (const int refusals : {2, 3}) {
        retry();
        ASSERT_TRUE(comes_to("a", Phase::stuck));
        EXPECT_EQ(attempts().refusals, refusals);
    }
    bank->refuses = false;
    retry();
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(bank->entries().count(Outcome::done), 1u);
}

// The second call's answer is lost: it is asked for under the second key, and found there.
TEST_F(RepairedCalls, WhatIsMadeAgainIsAskedForUnderItsOwnKey) {
    stuck();
    bank->refuses = false;
    bank->is_silent = true;
    retry();
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(bank->entries(), refused_then_done);
    EXPECT_EQ(attempts().count, 2);
}

// Requests that were lost, before the refusal and behind it, take no key of their own.
TEST_F(RepairedCalls, WhatMayBeUnderWayKeepsItsKey) {
    bank->loses_requests = 1;
    stuck();
    EXPECT_EQ(attempts().count, 2);
    bank->refuses = false;
    bank->loses_requests = 2;
    retry();
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(bank->entries(), refused_then_done);
    EXPECT_EQ(attempts().count, 5);
}

// The answer was dropped: the saga stayed stuck, although the fee was paid.
TEST_F(RepairedCalls, AnAnswerThatComesWhileItIsStuckIsTaken) {
    bank->refuses = false;
    bank->is_silent = true;
    bank->thinks = true;
    begin("a");
    follow();
    while (!bank->is_asked) follow();
    driver->clock().set_offset(25s);
    hear("a", Due{}, "the time is over");
    const bool stuck_now = comes_to("a", Phase::stuck);
    bank->thinks = false;
    ASSERT_TRUE(stuck_now);
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(bank->entries().count(Outcome::done), 1u);
}

// Nothing of the keys is in a driver's memory.
TEST_F(RepairedCalls, WhoeverTakesOverGoesByTheSameKeys) {
    stuck();
    bank->refuses = false;
    bank->is_silent = true;
    retry();
    driver.reset();
    start_driver();
    driver->adopt(partition(stream("a")), {stream("a")});
    driver->resume(partition(stream("a")));
    EXPECT_TRUE(comes_to("a", Phase::completed));
    EXPECT_EQ(bank->entries(), refused_then_done);
}

}  // namespace
}  // namespace skald::sagas::testing
