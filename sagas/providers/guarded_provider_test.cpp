#include "sagas/providers/guarded_provider.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "diagnostics/metrics.h"
#include "sagas/providers/wire.h"

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;

// Answers what it is told to, and can be made to hang.
class Scripted : public PaymentProvider {
  public:
    PaymentAnswer call(const PaymentCall&, std::chrono::milliseconds timeout) override {
        ++calls;
        last_timeout = timeout;
        hanging.wait(true);
        if (throws) throw std::bad_alloc();
        return answer;
    }
    std::optional<PaymentAnswer> find(const std::string&,
                                      std::chrono::milliseconds timeout) override {
        ++finds;
        last_timeout = timeout;
        return found;
    }

    PaymentAnswer answer;
    std::optional<PaymentAnswer> found;
    bool throws = false;
    std::atomic<bool> hanging = false;
    std::atomic<int> calls = 0;
    int finds = 0;
    std::chrono::milliseconds last_timeout{};
};

PaymentCall keyed(std::string key) {
    PaymentCall call;
    call.key = std::move(key);
    return call;
}

class Guarded : public testing::Test {
  protected:
    void call_often(CallOutcome outcome, int times) {
        provider.answer = {.outcome = outcome};
        for (int i = 0; i < times; ++i) guarded.call({}, 1s);
    }

    CircuitBreaker::Time now{};
    Scripted provider;
    GuardedProvider guarded{provider,
                            {.name = "scripted",
                             .bulkhead = {.calls_max = 1, .waiting_max = 4, .wait_max = 20ms},
                             .request = 500ms},
                            [this] { return now; }};
};

TEST_F(Guarded, PassesAnswersThrough) {
    provider.answer = {.outcome = CallOutcome::succeeded, .reference = "auth_1"};
    EXPECT_EQ(guarded.call({}, 1s), provider.answer);
    EXPECT_EQ(guarded.find("k", 1s), std::nullopt);
    provider.found = provider.answer;
    EXPECT_EQ(guarded.find("k", 1s), provider.found);
}

TEST_F(Guarded, RefusalsAreNoFailures) {
    call_often(CallOutcome::refused, 50);
    EXPECT_EQ(guarded.calls_circuit(), CircuitState::closed);
}

// One call that the provider will not have must not keep all others from it.
TEST_F(Guarded, AKeyThatIsNotFreeIsNoFailure) {
    provider.answer = {.code = std::string(key_reused)};
    for (int i = 0; i < 50; ++i) guarded.call({}, 1s);
    EXPECT_EQ(guarded.calls_circuit(), CircuitState::closed);
}

// One card that the provider always fails at, on a quiet shop, kept everybody from paying.
TEST_F(Guarded, AnOperationThatKeepsFailingCountsOnce) {
    for (const char* code : {"provider_error", "no_answer", "unreadable_answer"}) {
        provider.answer = {.code = code};
        for (int i = 0; i < 50; ++i) guarded.call(keyed(code), 1s);
        EXPECT_EQ(guarded.calls_circuit(), CircuitState::closed) << code;
    }
    for (const char* key : {"a", "b"}) guarded.call(keyed(key), 1s);
    EXPECT_EQ(guarded.calls_circuit(), CircuitState::open) << "five operations in a row";
    EXPECT_EQ(guarded.room(), 0u);
}

// Nobody was there, or nobody is let in: that is so for all.
TEST_F(Guarded, WhatTheProviderDidNotLookAtCountsEveryTime) {
    for (const auto& code : {not_connected, not_accepted}) {
        Scripted unreached;
        unreached.answer = {.code = std::string(code), .surely_not_done = true};
        unreached.found = PaymentAnswer{.code = std::string(code)};
        GuardedProvider one(unreached, {.name = "unreached"}, [this] { return now; });
        for (int i = 0; i < 4; ++i) one.call(keyed("k"), 1s);
        EXPECT_EQ(one.calls_circuit(), CircuitState::closed);
        one.call(keyed("k"), 1s);
        EXPECT_EQ(one.calls_circuit(), CircuitState::open) << code;
        for (int i = 0; i < 5; ++i) one.find("k", 1s);
        EXPECT_EQ(one.finds_circuit(), CircuitState::open) << code;
    }
}

// Calls that had waited for their turn until their attempts were nearly over were cut off, and
// stopped all others.
TEST_F(Guarded, NoAnswerInLessThanItsWholeTimeTellsNothing) {
    Scripted slow;
    slow.answer = {.code = std::string(no_answer)};
    GuardedProvider one(slow, {.name = "slow", .request = 200ms}, [this] { return now; });
    for (int i = 0; i < 9; ++i) one.call(keyed("short " + std::to_string(i)), 199ms);
    EXPECT_EQ(one.calls_circuit(), CircuitState::closed);
    for (int i = 0; i < 5; ++i) one.call(keyed("long " + std::to_string(i)), 5s);
    EXPECT_EQ(one.calls_circuit(), CircuitState::open);
    now += 30s;
    one.call(keyed("short again"), 199ms);
    EXPECT_EQ(one.room(), 1u) << "it looks on";
}

TEST_F(Guarded, ARequestHasItsOwnTimeAndNeverMoreThanItsCaller) {
    Scripted timed;
    GuardedProvider quick(timed, {.name = "timed", .request = 200ms});
    quick.call(keyed("k"), 5s);
    EXPECT_EQ(timed.last_timeout, 200ms);
    quick.call(keyed("k"), 100ms);
    EXPECT_LE(timed.last_timeout, 100ms);
    quick.find("k", 5s);
    EXPECT_EQ(timed.last_timeout, 200ms);
}

TEST_F(Guarded, UnknownOutcomesOpenAndTheProviderIsLeftAlone) {
    call_often(CallOutcome::unknown, 5);
    provider.answer = {.outcome = CallOutcome::succeeded};
    const auto answer = guarded.call({}, 1s);
    EXPECT_EQ(provider.calls, 5);
    EXPECT_EQ(answer.outcome, CallOutcome::unknown);
    EXPECT_EQ(answer.code, "circuit_open");
    EXPECT_TRUE(answer.surely_not_done);
    const auto metrics = diagnostics::render_metrics();
    EXPECT_NE(metrics.find("skald_payment_circuit{kind=\"call\",provider=\"scripted\"} 2"),
              std::string::npos)
        << metrics;
    now += 30s;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(guarded.call({}, 1s), provider.answer);
    EXPECT_EQ(guarded.calls_circuit(), CircuitState::closed);
}

TEST_F(Guarded, FindsGoOnWhileCallsAreStoppedAndTheOtherWayRound) {
    call_often(CallOutcome::unknown, 5);
    EXPECT_EQ(guarded.find("k", 1s), std::nullopt);
    EXPECT_EQ(guarded.calls_circuit(), CircuitState::open);
    provider.found = PaymentAnswer{};
    for (int i = 0; i < 5; ++i) guarded.find(std::to_string(i), 1s);
    EXPECT_EQ(guarded.finds_circuit(), CircuitState::open);
    EXPECT_EQ(guarded.find("k", 1s)->code, "circuit_open");
    EXPECT_EQ(provider.finds, 6);
}

TEST_F(Guarded, AnExceptionCountsAsAFailureAndGivesThePlaceBack) {
    provider.throws = true;
    for (int i = 0; i < 5; ++i) EXPECT_THROW(guarded.call({}, 1s), std::bad_alloc);
    EXPECT_EQ(guarded.call({}, 1s).code, "circuit_open");
}

TEST_F(Guarded, WhoFindsNoPlaceIsToldSoWithoutACall) {
    provider.hanging = true;
    auto first = std::async(std::launch::async, [&] { return guarded.call({}, 1min); });
    while (provider.calls == 0) std::this_thread::yield();
    const auto answer = guarded.call({}, 1min);
    EXPECT_EQ(answer.code, "busy");
    EXPECT_TRUE(answer.surely_not_done);
    EXPECT_EQ(guarded.calls_circuit(), CircuitState::closed);
    provider.hanging = false;
    provider.hanging.notify_all();
    first.get();
    EXPECT_EQ(provider.calls, 1);
    EXPECT_NE(guarded.call({}, 1min).code, "busy");
}

TEST_F(Guarded, ACallWithoutTimeIsNotMade) {
    EXPECT_EQ(guarded.call({}, 0ms).code, "busy");
    EXPECT_EQ(provider.calls, 0);
    guarded.call({}, 1s);
    EXPECT_LE(provider.last_timeout, 1s);
    EXPECT_GE(provider.last_timeout, 500ms);
}

}  // namespace
}  // namespace skald::sagas
