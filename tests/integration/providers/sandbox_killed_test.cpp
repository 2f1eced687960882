// The sandbox process killed at the worst moments: afterwards every call is settled by asking, and
// nothing was charged twice or lost.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "sagas/providers/guarded_provider.h"
#include "tests/integration/providers/sandbox_server.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using namespace sagas;
using Steady = std::chrono::steady_clock;

// Where it dies in the third call, and what is known of that call afterwards.
struct Crash {
    std::string point;
    char found;
};
std::ostream& operator<<(std::ostream& out, const Crash& crash) { return out << crash.point; }

class Crashes : public SandboxServer, public testing::WithParamInterface<Crash> {};

TEST_P(Crashes, LeaveACallThatAskingSettles) {
    process.start(GetParam().point + ":3");
    auto http = provider();
    EXPECT_EQ(letter(http.call(authorise("k1", "o"), 5s)), 's');
    EXPECT_EQ(letter(http.call(authorise("k2", "o"), 5s)), 's');
    const auto lost = http.call(authorise("k3", "o"), 5s);
    EXPECT_EQ(letter(lost), 'u');
    EXPECT_FALSE(lost.surely_not_done) << lost.detail;
    process.wait_for_end();
    EXPECT_EQ(http.find("k3", 1s)->code, "not_connected");
    process.start();
    EXPECT_EQ(letter(http.find("k2", 5s)), 's');
    EXPECT_EQ(letter(http.find("k3", 5s)), GetParam().found);
    EXPECT_EQ(letter(http.call(authorise("k3", "o"), 5s)), 's');
    EXPECT_EQ(balance("o").authorised, 3 * price);
}

INSTANTIATE_TEST_SUITE_P(Sandbox, Crashes,
                         testing::Values(Crash{"sandbox.append", '-'},
                                         Crash{"sandbox.appended", 's'},
                                         Crash{"sandbox.charged", 's'}),
                         [](const auto& crash) {
                             auto name = crash.param.point;
                             std::ranges::replace(name, '.', '_');
                             return name;
                         });

// Calls until the outcome is known, as a saga would: an attempt that may have been made is asked
// for before the next one.
PaymentAnswer settle(PaymentProvider& provider, const PaymentCall& call, Steady::time_point end) {
    PaymentAnswer answer;
    while (Steady::now() < end) {
        answer = provider.call(call, 2s);
        if (answer.outcome != CallOutcome::unknown) return answer;
        while (!answer.surely_not_done && Steady::now() < end) {
            const auto found = provider.find(call.key, 2s);
            if (!found) break;
            if (found->outcome != CallOutcome::unknown) return *found;
            std::this_thread::sleep_for(5ms);  // it is being started again
        }
    }
    return answer;
}

TEST_F(SandboxServer, KilledAgainAndAgainChargesEveryOrderOnce) {
    constexpr int payers = 6;
    constexpr int kills = 12;
    process.start();
    auto http = provider();
    GuardedProvider guarded(http, {.name = "killed",
                                   .circuit = {.failures_to_open = 5, .open = 20ms},
                                   .bulkhead = {.calls_max = 4}});
    std::atomic<bool> killing = true;
    std::atomic<int> paid = 0;
    std::mutex mutex;
    std::map<std::string, std::string> told;  // reference by key
    const auto end = Steady::now() + 60s;
    const auto pay = [&](const std::string& order) {
        auto call = authorise("a-" + order, order, paid % 5 == 4 ? "card-flaky" : "card-ok");
        const auto authorised = settle(guarded, call, end);
        ASSERT_EQ(letter(authorised), 's') << authorised.code;
        call.operation = PaymentOperation::capture;
        call.key = "c-" + order;
        call.method.clear();
        call.authorisation = authorised.reference;
        const auto captured = settle(guarded, call, end);
        ASSERT_EQ(letter(captured), 's') << captured.code;
        const std::lock_guard lock(mutex);
        told["a-" + order] = authorised.reference;
        told["c-" + order] = captured.reference;
        ++paid;
    };
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < payers; ++t) {
            threads.emplace_back([&, t] {
                for (int n = 0; killing && !testing::Test::HasFatalFailure(); ++n) {
                    pay(std::to_string(t) + "-" + std::to_string(n));
                }
            });
        }
        std::mt19937 random(20240229);
        for (int i = 0; i < kills; ++i) {
            const auto before = paid.load();
            const auto patience = Steady::now() + 10s;
            while (paid < before + 3 && Steady::now() < patience) std::this_thread::yield();
            std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));  // any moment
            process.kill();
            process.start();
        }
        killing = false;
    }
    EXPECT_GE(paid, kills);
    std::map<std::string, std::string> written;
    for (const auto& entry : entries()) {
        EXPECT_TRUE(written.emplace(entry.key, entry.reference).second) << entry.key;
    }
    EXPECT_EQ(written, told);
    for (int t = 0; t < payers; ++t) {
        const auto sum = balance(std::to_string(t) + "-0");
        EXPECT_EQ(sum.authorised, price);
        EXPECT_EQ(sum.captured, price);
    }
}

}  // namespace
}  // namespace skald::tests
