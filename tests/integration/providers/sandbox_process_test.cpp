// HttpProvider against the real sandbox process: every method, every rule of the interface, and how
// the process starts and ends.
#include <algorithm>
#include <thread>

#include "tests/integration/providers/sandbox_server.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using namespace sagas;

// Three attempts under one key, then find().
struct Row {
    std::string method;
    std::chrono::milliseconds timeout;
    std::string attempts;  // s succeeded, r refused, u unknown
    std::string code;      // of the last
    char found;            // the same, or - for nothing
    std::size_t entries;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.method; }

class Methods : public SandboxServer, public testing::WithParamInterface<Row> {};

TEST_P(Methods, DecideTheOutcomeOverHttpToo) {
    const auto& row = GetParam();
    process.start();
    auto http = provider();
    std::string attempts;
    PaymentAnswer last;
    for (int i = 0; i < 3; ++i) {
        last = http.call(authorise("k", "o", row.method), row.timeout);
        attempts += letter(last);
        EXPECT_FALSE(last.surely_not_done);
    }
    EXPECT_EQ(attempts, row.attempts) << last.detail;
    EXPECT_EQ(last.code, row.code);
    const auto found = http.find("k", 5s);
    EXPECT_EQ(letter(found), row.found);
    if (found && last.outcome == CallOutcome::succeeded) {
        EXPECT_EQ(*found, last);
    }
    EXPECT_EQ(entries().size(), row.entries);
}

INSTANTIATE_TEST_SUITE_P(Sandbox, Methods,
                         testing::Values(Row{"card-ok", 10s, "sss", "", 's', 1},
                                         Row{"card-declined", 10s, "rrr", "card_declined", 'r', 1},
                                         Row{"card-slow", 30s, "sss", "", 's', 1},
                                         Row{"card-timeout", 300ms, "uuu", "no_answer", 's', 1},
                                         Row{"card-error", 10s, "uuu", "provider_error", '-', 0},
                                         Row{"card-flaky", 10s, "uus", "", 's', 1},
                                         Row{"gold", 10s, "rrr", "unknown_method", 'r', 1}),
                         [](const auto& row) {
                             auto name = row.param.method;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST_F(SandboxServer, TakesMoneyThroughItsWholeLife) {
    process.start();
    auto http = provider();
    const auto authorised = http.call(authorise("a", "o"), 5s);
    ASSERT_TRUE(authorised.expires_at);
    const auto step = [&](PaymentOperation operation, std::string key, std::int64_t amount) {
        PaymentCall call{.operation = operation,
                         .key = std::move(key),
                         .order = kernel::OrderId("o"),
                         .amount = {amount, kernel::Currency("EUR")},
                         .authorisation = authorised.reference};
        const auto answer = http.call(call, 5s);
        return answer.outcome == CallOutcome::succeeded ? "done" : answer.code;
    };
    using enum PaymentOperation;
    EXPECT_EQ(step(capture, "c1", 1000), "done");
    EXPECT_EQ(step(capture, "c1", 1000), "done") << "the same again";
    EXPECT_EQ(step(capture, "c1", 1001), "key_reused");
    EXPECT_EQ(step(capture, "c2", 1000), "amount_exceeds_authorised");
    EXPECT_EQ(step(refund, "r1", 400), "done");
    EXPECT_EQ(step(void_authorisation, "v1", 0), "done");
    EXPECT_EQ(step(refund, "r2", -1), "amount_not_positive");
    EXPECT_EQ(balance("o"), (OrderBalance{kernel::Currency("EUR"), price, 1000, 999, 400}));
}

TEST_F(SandboxServer, TakesOnlyWhatIsSigned) {
    process.start();
    for (const std::string& secret : {std::string("guessed"), std::string()}) {
        auto stranger = provider(secret);
        const auto answer = stranger.call(authorise("k", "o"), 5s);
        EXPECT_EQ(answer.code, "not_accepted");
        EXPECT_TRUE(answer.surely_not_done);
        EXPECT_EQ(letter(stranger.find("k", 5s)), 'u');
    }
    EXPECT_TRUE(entries().empty());
}

TEST_F(SandboxServer, EndsWhenToldAlsoWhileItKeepsSomeoneWaiting) {
    process.start();
    auto http = provider();
    std::jthread waiting([&] {
        const auto answer = http.call(authorise("k", "o", "card-timeout"), 60s);
        EXPECT_EQ(letter(answer), 'u');
        EXPECT_FALSE(answer.surely_not_done);
    });
    while (letter(http.find("k", 5s)) != 's') std::this_thread::yield();
    EXPECT_EQ(process.stop(), 0);
}

TEST_F(SandboxServer, SaysWhyItCannotStart) {
    process.start();
    const auto taken = SandboxProcess::run("sandbox-provider --listen 127.0.0.1:0 --ledger '" +
                                           process.ledger() + "'");
    EXPECT_EQ(taken.code, 1);
    EXPECT_NE(taken.said.find("in use by another process"), std::string::npos) << taken.said;
    const auto unnamed = SandboxProcess::run("sandbox-provider --listen 127.0.0.1:0");
    EXPECT_EQ(unnamed.code, 2);
    EXPECT_NE(unnamed.said.find("SKALD_SANDBOX_LEDGER"), std::string::npos) << unnamed.said;
    const auto port = SandboxProcess::run("sandbox-provider --listen " + process.url().substr(7) +
                                          " --ledger '" + process.ledger() + ".b'");
    EXPECT_EQ(port.code, 1);
    EXPECT_NE(port.said.find("the port is in use"), std::string::npos) << port.said;
}

}  // namespace
}  // namespace skald::tests
