#include "sagas/providers/sandbox.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace skald::sagas {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

class InProcess : public testing::Test {
  protected:
    InProcess() {
        std::string made = testing::TempDir() + "sandbox-XXXXXX";
        folder_ = ::mkdtemp(made.data());
        settings.ledger = folder_ + "/ledger";
        settings.slow = 30ms;
    }
    ~InProcess() override {
        sandbox.reset();
        std::filesystem::remove_all(folder_);
    }
    Sandbox& open() { return sandbox.emplace(settings); }
    Sandbox& restart() {
        sandbox.reset();
        return open();
    }

    static PaymentCall authorise(std::string key, std::string method = "card-ok") {
        return {.operation = PaymentOperation::authorise,
                .key = std::move(key),
                .order = kernel::OrderId("o"),
                .amount = {1999, kernel::Currency("EUR")},
                .method = std::move(method)};
    }
    std::int64_t authorised() {
        return sandbox->balance(kernel::OrderId("o")).value_or(OrderBalance{}).authorised;
    }

    SandboxSettings settings;
    std::optional<Sandbox> sandbox;

  private:
    std::string folder_;
};

// Three attempts under one key, each with 60 ms (less than never, more than slow), then find().
struct MethodCase {
    std::string method;
    std::string attempts;  // s succeeded, r refused, u unknown
    std::string code;      // of the last
    char found;            // the same, or - for nothing
    std::int64_t charged;
};
std::ostream& operator<<(std::ostream& out, const MethodCase& row) { return out << row.method; }

class Methods : public InProcess, public testing::WithParamInterface<MethodCase> {};

TEST_P(Methods, DecideTheOutcomeAndChargeAtMostOnce) {
    const auto& row = GetParam();
    open();
    std::string attempts;
    PaymentAnswer last;
    for (int i = 0; i < 3; ++i) {
        last = sandbox->call(authorise("k", row.method), 60ms);
        attempts += "sru"[static_cast<int>(last.outcome)];
    }
    EXPECT_EQ(attempts, row.attempts);
    EXPECT_EQ(last.code, row.code);
    for (const bool restarted : {false, true}) {
        if (restarted) restart();
        const auto found = sandbox->find("k", 1s);
        EXPECT_EQ(found ? "sru"[static_cast<int>(found->outcome)] : '-', row.found);
        EXPECT_EQ(authorised(), row.charged);
    }
}

INSTANTIATE_TEST_SUITE_P(Sandbox, Methods,
                         testing::Values(MethodCase{"card-ok", "sss", "", 's', 1999},
                                         MethodCase{"card-declined", "rrr", "card_declined", 'r',
                                                    0},
                                         MethodCase{"card-slow", "sss", "", 's', 1999},
                                         MethodCase{"card-timeout", "uuu", "no_answer", 's', 1999},
                                         MethodCase{"card-error", "uuu", "provider_error", '-', 0},
                                         MethodCase{"card-flaky", "uus", "", 's', 1999},
                                         MethodCase{"gold", "rrr", "unknown_method", 'r', 0}),
                         [](const auto& row) {
                             auto name = row.param.method;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST_F(InProcess, ASlowAnswerThatComesTooLateIsUnknownAndStillCharged) {
    settings.slow = 10s;
    open();
    const auto begun = Steady::now();
    EXPECT_EQ(sandbox->call(authorise("k", "card-slow"), 20ms).code, "no_answer");
    EXPECT_LT(Steady::now() - begun, 5s);
    EXPECT_EQ(sandbox->find("k", 1s)->outcome, CallOutcome::succeeded);
}

TEST_F(InProcess, TheMethodOfAnAuthorisationDecidesForWhatIsDoneWithIt) {
    open();
    sandbox->call(authorise("k", "card-timeout"), 1ms);
    auto capture = authorise("c");
    capture.operation = PaymentOperation::capture;
    capture.method.clear();
    capture.authorisation = sandbox->find("k", 1s)->reference;
    EXPECT_EQ(sandbox->call(capture, 1ms).code, "no_answer");
    EXPECT_EQ(sandbox->find("c", 1s)->outcome, CallOutcome::succeeded);
    EXPECT_EQ(sandbox->balance(kernel::OrderId("o"))->captured, 1999);
}

TEST_F(InProcess, ARepeatedKeyAnswersTheSameAlsoAfterARestart) {
    const auto first = open().call(authorise("k"), 1s);
    EXPECT_EQ(sandbox->call(authorise("k"), 1s), first);
    EXPECT_EQ(restart().call(authorise("k"), 1s), first);
    EXPECT_NE(sandbox->call(authorise("l"), 1s).reference, first.reference);
    EXPECT_EQ(sandbox->entries().size(), 2U);
}

TEST_F(InProcess, AKeyOfAnotherCallChangesNothing) {
    open().call(authorise("k"), 1s);
    std::vector<PaymentCall> others(4, authorise("k"));
    others[0].amount.amount = 2000;
    others[1].method = "card-timeout";
    others[2].order = kernel::OrderId("p");
    others[3].operation = PaymentOperation::refund;
    for (const auto& other : others) {
        const auto answer = sandbox->call(other, 1s);
        EXPECT_EQ(answer.outcome, CallOutcome::unknown);
        EXPECT_EQ(answer.code, "key_reused");
    }
    EXPECT_EQ(sandbox->entries().size(), 1U);
}

TEST_F(InProcess, KeysThatAreNone) {
    open();
    for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a b"),
                                   std::string("a\nb"), std::string("\xc3\xa4")}) {
        EXPECT_EQ(sandbox->call(authorise(key), 1s).code, "invalid_request") << key;
    }
    EXPECT_EQ(sandbox->call(authorise(std::string(255, 'k')), 1s).outcome, CallOutcome::succeeded);
}

TEST_F(InProcess, ManyThreadsWithOneKeyChargeOnce) {
    open();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 20; ++n) {
                    const auto answer = sandbox->call(authorise("k" + std::to_string(n)), 10s);
                    EXPECT_EQ(answer.outcome, CallOutcome::succeeded);
                }
            });
        }
    }
    EXPECT_EQ(authorised(), 20 * 1999);
}

TEST_F(InProcess, ADamagedLedgerIsNamedAndLeftAsItIs) {
    open().call(authorise("k"), 1s);
    sandbox.reset();
    std::ofstream(settings.ledger, std::ios::app) << "{\"number\":2}\n";
    const auto size = std::filesystem::file_size(settings.ledger);
    try {
        open();
        FAIL();
    } catch (const LedgerUnusable& error) {
        EXPECT_NE(std::string(error.what()).find("damaged at entry 2"), std::string::npos);
    }
    EXPECT_EQ(std::filesystem::file_size(settings.ledger), size);
}

}  // namespace
}  // namespace skald::sagas
