// HttpProvider over TLS: it speaks with the server whose certificate is right, and with no other.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "sagas/providers/http_provider.h"
#include "tests/integration/providers/certificate.h"
#include "tests/integration/providers/payment_words.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using namespace sagas;
using Steady = std::chrono::steady_clock;

// A certificate counts if it is trusted, valid now, and of the host that was asked for.
struct TlsRow {
    std::string name;
    std::string names;
    std::string host;
    long seconds;
    bool trusted;
    std::string said;
};
std::ostream& operator<<(std::ostream& out, const TlsRow& row) { return out << row.name; }

class Tls : public testing::TestWithParam<TlsRow> {
  protected:
    Tls() {
        std::string made = testing::TempDir() + "tls-XXXXXX";
        folder = ::mkdtemp(made.data());
    }
    ~Tls() override { std::filesystem::remove_all(folder); }
    std::string folder;
};

TEST_P(Tls, IsOnlySpokenWithTheRightServer) {
    const auto& row = GetParam();
    const Certificate shown(row.names, row.seconds);
    const Certificate other(row.names, row.seconds);
    const auto ca_file = folder + "/ca.pem";
    (row.trusted ? shown : other).write(ca_file);
    bool reached = false;
    RawServer server(
        [&](Line& line, int) {
            while (!line.request().empty()) {
                reached = true;
                line.send(http_answer(201, done));
            }
        },
        shown.server());
    {
        HttpProvider provider({.url = url_of(server, "https", row.host), .ca_file = ca_file});
        EXPECT_EQ(said(provider.call(payment(), 5s)), row.said);
        EXPECT_EQ(said(provider.call(payment(), 5s)), row.said);
    }
    EXPECT_EQ(reached, row.said == "succeeded");
    if (reached) {
        EXPECT_EQ(server.connections(), 1);
    }
}

const std::string no = "not_done:not_connected";

INSTANTIATE_TEST_SUITE_P(
    Transport, Tls,
    testing::Values(TlsRow{"of_the_address", "IP:127.0.0.1", "127.0.0.1", 3600, true, "succeeded"},
                    TlsRow{"of_the_name", "DNS:localhost", "localhost", 3600, true, "succeeded"},
                    TlsRow{"untrusted", "IP:127.0.0.1", "127.0.0.1", 3600, false, no},
                    TlsRow{"of_another_name", "DNS:pay.example", "localhost", 3600, true, no},
                    TlsRow{"of_a_name_only", "DNS:localhost", "127.0.0.1", 3600, true, no},
                    TlsRow{"expired", "IP:127.0.0.1", "127.0.0.1", -60, true, no}),
    [](const auto& row) { return row.param.name; });

TEST(Transport, AServerThatSpeaksNoTlsIsNotSpokenTo) {
    RawServer silent([](Line& line, int) { line.hang(); });
    RawServer plain([](Line& line, int) { line.send(http_answer(201, done)); });
    for (const auto* server : {&silent, &plain}) {
        HttpProvider provider({.url = url_of(*server, "https")});
        const auto begun = Steady::now();
        EXPECT_EQ(said(provider.call(payment(), 300ms)), no);
        EXPECT_LT(Steady::now() - begun, 5s);
    }
}

}  // namespace
}  // namespace skald::tests
