// HttpProvider against servers that break off at every place: what is told as surely not done never
// left, and nothing takes longer than it may.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sagas/providers/http_provider.h"
#include "sagas/providers/signature.h"
#include "tests/integration/providers/payment_words.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using namespace sagas;
using Steady = std::chrono::steady_clock;

struct Row {
    std::string name;
    RawServer::Script script;
    std::string said;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class Servers : public testing::TestWithParam<Row> {};

TEST_P(Servers, AreUnderstoodInTime) {
    RawServer server(GetParam().script);
    HttpProvider provider({.url = url_of(server)});
    const auto begun = Steady::now();
    const auto answer = provider.call(payment(), 300ms);
    EXPECT_LT(Steady::now() - begun, 5s);
    EXPECT_EQ(said(answer), GetParam().said) << answer.detail;
}

Row answering(std::string name, std::string bytes, std::string said) {
    return {std::move(name),
            [bytes](Line& line, int) {
                line.request();
                line.send(bytes);
            },
            std::move(said)};
}

INSTANTIATE_TEST_SUITE_P(
    Transport, Servers,
    testing::Values(
        Row{"closes_at_once", [](Line&, int) {}, "unknown:no_answer"},
        Row{"closes_after_the_request", [](Line& line, int) { line.request(); },
            "unknown:no_answer"},
        Row{"never_answers", [](Line& line, int) { line.hang(); }, "unknown:no_answer"},
        Row{"drips_a_head_without_end",
            [](Line& line, int) {
                line.request();
                line.send("HTTP/1.1 200 OK\r\nX: ");
                line.drip("x");
            },
            "unknown:no_answer"},
        Row{"drips_a_body",
            [](Line& line, int) {
                line.request();
                line.send("HTTP/1.1 201 Created\r\nContent-Length: 1000000\r\n\r\n");
                line.drip(" ");
            },
            "unknown:no_answer"},
        answering("cuts_the_head", "HTTP/1.1 201 Cre", "unknown:no_answer"),
        answering("cuts_the_body", http_answer(201, done).substr(0, 80), "unknown:no_answer"),
        answering("is_no_http", "220 smtp.example ESMTP\r\n", "unknown:no_answer"),
        answering("has_a_head_too_large",
                  "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
                  "unknown:no_answer"),
        answering("has_a_body_too_large", http_answer(201, std::string(2'000'000, ' ') + done),
                  "unknown:no_answer"),
        answering("only_says_go_on", "HTTP/1.1 100 Continue\r\n\r\n", "unknown:unreadable_answer"),
        answering("answers", http_answer(201, done), "succeeded"),
        answering("ends_the_body_by_closing", "HTTP/1.1 201 Created\r\n\r\n" + done, "succeeded"),
        answering("chunks_the_body",
                  "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n36\r\n" + done +
                      "\r\n0\r\n\r\n",
                  "succeeded"),
        answering("fails", http_answer(500, ""), "unknown:provider_error"),
        answering("declines", http_answer(402, R"({"key":"k","outcome":"refused","code":"x"})"),
                  "refused")),
    [](const auto& row) { return row.param.name; });

TEST(Transport, SendsWhatTheInterfaceSays) {
    std::string seen;
    RawServer server([&](Line& line, int) {
        seen = line.request();
        line.send(http_answer(201, done));
    });
    HttpProvider provider({.url = url_of(server) + "/pay", .secret = "s", .now = [] { return 7; }});
    EXPECT_EQ(said(provider.call(payment(), 5s)), "succeeded");
    const auto body = seen.substr(seen.find("\r\n\r\n") + 4);
    EXPECT_EQ(body,
              R"({"amount":{"amount":1999,"currency":"EUR"},"method":"card-ok","order":"o1"})");
    EXPECT_TRUE(seen.starts_with("POST /pay/v1/authorisations HTTP/1.1\r\n")) << seen;
    for (const std::string& header :
         {std::string("Idempotency-Key: k"), std::string("Content-Type: application/json"),
          "Skald-Signature: " + sign("s", body, 7),
          "Host: 127.0.0.1:" + std::to_string(server.port())}) {
        EXPECT_NE(seen.find("\r\n" + header + "\r\n"), std::string::npos) << header << "\n" << seen;
    }
}

TEST(Transport, KeepsItsConnectionWhileThatIsAnsweredCleanly) {
    RawServer server([](Line& line, int) {
        while (!line.request().empty()) line.send(http_answer(201, done));
    });
    HttpProvider provider({.url = url_of(server)});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(said(provider.call(payment(), 5s)), "succeeded");
    EXPECT_EQ(server.connections(), 1);
}

// The server closes, says that it will, or sends what nobody asked for: the next call gets a new
// connection and does not notice.
TEST(Transport, DoesNotSendOnAConnectionThatIsSpent) {
    const auto extra = http_answer(201, R"({"key":"other"})");
    for (const auto& bytes : {http_answer(201, done), http_answer(201, done) + extra,
                              http_answer(201, done, "Connection: close\r\n")}) {
        RawServer server([&](Line& line, int) {
            line.request();
            line.send(bytes);
        });
        HttpProvider provider({.url = url_of(server)});
        for (int i = 1; i <= 3; ++i) {
            EXPECT_EQ(said(provider.call(payment(), 5s)), "succeeded");
            // So that the server's close has arrived; if it has not, the call would be unknown.
            std::this_thread::sleep_for(50ms);
            EXPECT_EQ(server.connections(), i);
        }
    }
}

TEST(Transport, WhatNeverConnectedWasSurelyNotDone) {
    std::uint16_t closed = 0;
    {
        const RawServer server([](Line&, int) {});
        closed = server.port();
    }
    for (const std::string& url : {"http://127.0.0.1:" + std::to_string(closed),
                                   std::string("http://no-such-host.invalid")}) {
        HttpProvider provider({.url = url});
        EXPECT_EQ(said(provider.call(payment(), 2s)), "not_done:not_connected");
        const auto found = provider.find("k", 2s);
        ASSERT_TRUE(found);
        EXPECT_EQ(said(*found), "unknown:not_connected");
    }
}

TEST(Transport, AConnectionThatIsNotTakenUpEndsInTime) {
    // Its queue holds one connection, and nobody takes any from it: the kernel drops what comes.
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(listener, any, size), 0);
    ASSERT_EQ(::listen(listener, 0), 0);
    ASSERT_EQ(::getsockname(listener, any, &size), 0);
    std::vector<int> fillers;
    for (int i = 0; i < 3; ++i) {
        fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        ::connect(fillers.back(), any, size);
    }
    HttpProvider provider({.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port))});
    const auto begun = Steady::now();
    EXPECT_EQ(said(provider.call(payment(), 200ms)), "not_done:not_connected");
    EXPECT_LT(Steady::now() - begun, 5s);
    for (const int filler : fillers) ::close(filler);
    ::close(listener);
}

TEST(Transport, AKeyThatIsNoneIsNotSent) {
    RawServer server([](Line&, int) {});
    HttpProvider provider({.url = url_of(server)});
    auto call = payment();
    for (const std::string& key :
         {std::string(), std::string("k\r\nX: y"), std::string(256, 'k')}) {
        call.key = key;
        EXPECT_EQ(said(provider.call(call, 1s)), "refused");
    }
    EXPECT_EQ(server.connections(), 0);
}

TEST(Transport, AnAddressThatIsNoneIsRefusedAtOnce) {
    EXPECT_THROW(HttpProvider({.url = "pay.example"}), std::runtime_error);
    EXPECT_THROW(HttpProvider({.url = "https://pay.example", .ca_file = "/no/such"}),
                 std::runtime_error);
}

}  // namespace
}  // namespace skald::tests
