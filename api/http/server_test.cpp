// A running Server over real sockets: what well-behaved clients see, limits, and draining.
#include "api/http/server.h"

#include <gtest/gtest.h>

#include <future>

#include "api/http/server_rig.h"
#include "api/json/parse.h"
#include "diagnostics/metrics.h"

namespace skald::http {
namespace {

using namespace rig;

json::Value problem_of(const std::string& answer) {
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json") << answer;
    const auto value = json::parse(body_of(answer));
    return value ? *value : json::Value::object();
}

bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 2000; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(2ms);  // what is looked at has nobody who could tell
    }
    return holds();
}

TEST(Server, answers_and_keeps_the_connection) {
    Rig rig;
    Client client(rig.port());
    for (int i = 0; i < 3; ++i) {
        client.send(get("/fast"));
        const auto answer = client.answer();
        EXPECT_EQ(status_of(answer), 200);
        EXPECT_EQ(body_of(answer), "\"fast\"");
        EXPECT_EQ(header_of(answer, "Connection"), "");
        EXPECT_FALSE(header_of(answer, "Date").empty());
    }
    EXPECT_EQ(rig.server->connections(), 1U);
}

TEST(Server, answers_pipelined_requests_in_order) {
    Rig rig;
    Client client(rig.port());
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        requests +=
            get("/things/n" + std::to_string(i)) + get("/fast") + post("/echo", std::to_string(i));
    }
    ASSERT_TRUE(client.send(requests));
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(body_of(client.answer()), "\"n" + std::to_string(i) + "\"");
        EXPECT_EQ(body_of(client.answer()), "\"fast\"");
        EXPECT_EQ(body_of(client.answer()), std::to_string(i));
    }
}

TEST(Server, takes_a_request_byte_by_byte) {
    Rig rig;
    Client client(rig.port());
    for (const char c : post("/echo", R"({"a": 1})")) client.send(std::string(1, c));
    EXPECT_EQ(body_of(client.answer()), R"({"a":1})");
}

TEST(Server, takes_chunked_bodies_with_extensions_and_trailers) {
    Rig rig;
    Client client(rig.port());
    client.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3;ext=1\r\n[1,\r\n2\r\n2]\r\n0\r\nX-T: y\r\n\r\n" +
        get("/fast"));
    EXPECT_EQ(body_of(client.answer()), "[1,2]");
    EXPECT_EQ(body_of(client.answer()), "\"fast\"");
}

TEST(Server, answers_head_like_get_without_the_body) {
    Rig rig;
    Client client(rig.port());
    client.send("HEAD /fast HTTP/1.1\r\nHost: x\r\n\r\n" + get("/fast"));
    const auto head = client.answer(false);
    EXPECT_EQ(status_of(head), 200);
    EXPECT_EQ(header_of(head, "Content-Length"), "6");
    EXPECT_EQ(body_of(client.answer()), "\"fast\"");
}

TEST(Server, closes_when_the_client_says_so) {
    Rig rig;
    Client client(rig.port());
    client.send(get("/fast", "Connection: close\r\n"));
    const auto answer = client.rest();
    EXPECT_EQ(body_of(answer), "\"fast\"");
    EXPECT_EQ(header_of(answer, "Connection"), "close");
}

TEST(Server, speaks_http_1_0) {
    Rig rig;
    Client once(rig.port());
    once.send("GET /fast HTTP/1.0\r\n\r\n");
    EXPECT_EQ(body_of(once.rest()), "\"fast\"");
    Client kept(rig.port());
    for (int i = 0; i < 2; ++i) {
        kept.send("GET /fast HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        EXPECT_EQ(header_of(kept.answer(), "Connection"), "keep-alive");
    }
}

TEST(Server, takes_the_absolute_form_of_a_target) {
    Rig rig;
    Client client(rig.port());
    client.send(get("http://shop.example/things/a?x=1"));
    EXPECT_EQ(body_of(client.answer()), "\"a\"");
}

TEST(Server, asks_for_the_body_of_a_client_that_expects_it) {
    Rig rig;
    Client client(rig.port());
    client.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("{}");
    EXPECT_EQ(body_of(client.answer()), "{}");
}

TEST(Server, answers_from_another_thread) {
    Rig rig;
    Client client(rig.port());
    client.send(post("/async", "", ""));
    EXPECT_EQ(status_of(client.answer()), 202);
}

TEST(Server, sends_no_body_with_204) {
    Rig rig;
    Client client(rig.port());
    client.send(get("/empty") + get("/fast"));
    EXPECT_EQ(header_of(client.answer(), "Content-Length"), "");
    EXPECT_EQ(body_of(client.answer()), "\"fast\"");
}

TEST(Server, keeps_header_values_on_their_line) {
    Rig rig;
    Client client(rig.port());
    client.send(get("/evil_header"));
    const auto answer = client.answer();
    EXPECT_EQ(header_of(answer, "Set-Cookie"), "");
    EXPECT_EQ(header_of(answer, "Location"), "/a  Set-Cookie: b=c");
}

struct Failure {
    const char* path;
    int status;
    const char* code;
    bool retryable;
};
class Failing : public testing::TestWithParam<Failure> {};
TEST_P(Failing, gives_a_problem_without_details) {
    Rig rig;
    Client client(rig.port());
    client.send(get(GetParam().path,
                    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
    const auto answer = client.answer();
    EXPECT_EQ(status_of(answer), GetParam().status);
    const auto problem = problem_of(answer);
    EXPECT_EQ(problem["code"], GetParam().code);
    EXPECT_EQ(problem["status"], GetParam().status);
    EXPECT_EQ(problem["retryable"], GetParam().retryable);
    EXPECT_EQ(problem["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(header_of(answer, "Retry-After").empty(), !GetParam().retryable);
    EXPECT_EQ(answer.find("secret"), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(rows, Failing,
                         testing::Values(Failure{"/throw", 500, "internal_error", false},
                                         Failure{"/throw_async", 500, "internal_error", false},
                                         Failure{"/drop", 500, "internal_error", false},
                                         Failure{"/gone", 503, "store_unavailable", true},
                                         Failure{"/refused", 409, "not_enough_stock", false},
                                         Failure{"/too_slow", 503, "timed_out", true},
                                         Failure{"/nowhere", 404, "not_found", false}));

// Without a key, sending again what may have happened makes it happen twice.
TEST(Server, tells_only_who_has_a_key_to_send_a_lost_command_again) {
    Rig rig;
    for (const bool keyed : {true, false}) {
        Client client(rig.port());
        client.send("POST /lost HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" +
                    std::string(keyed ? "Idempotency-Key: k\r\n\r\n" : "\r\n"));
        const auto answer = client.answer();
        EXPECT_EQ(status_of(answer), 503);
        const auto problem = problem_of(answer);
        EXPECT_EQ(problem["code"], "outcome_unknown");
        EXPECT_EQ(problem["retryable"], keyed);
        EXPECT_EQ(header_of(answer, "Retry-After"), keyed ? "1" : "");
        EXPECT_EQ(header_of(answer, "Skald-Command"), "c-1");
        EXPECT_EQ(header_of(answer, "Skald-Token"), "t-1");
        const auto detail = problem["detail"].get<std::string>();
        EXPECT_NE(detail.find("GET /v1/commands/c-1"), std::string::npos) << detail;
    }
}

TEST(Server, drops_a_second_answer) {
    Rig rig;
    Client client(rig.port());
    client.send(get("/twice") + get("/fast"));
    EXPECT_EQ(body_of(client.answer()), "1");
    EXPECT_EQ(body_of(client.answer()), "\"fast\"");
}

TEST(Server, closes_idle_connections) {
    ServerLimits limits;
    limits.idle_time_max = 150ms;
    Rig rig(limits);
    Client silent(rig.port());
    Client used(rig.port());
    used.send(get("/fast"));
    EXPECT_EQ(status_of(used.answer()), 200);
    EXPECT_TRUE(silent.is_closed());
    EXPECT_TRUE(used.is_closed());
    EXPECT_TRUE(eventually([&] { return rig.server->connections() == 0; }));
}

TEST(Server, gives_up_on_a_client_that_does_not_read) {
    ServerLimits limits;
    limits.write_time_max = 200ms;
    Rig rig(limits);
    Client client(rig.port());
    std::string many;
    for (int i = 0; i < 8; ++i) many += get("/big");
    client.send(many);
    EXPECT_TRUE(eventually([&] { return rig.server->connections() == 0; }));
}

TEST(Server, survives_clients_that_vanish) {
    Rig rig;
    for (int i = 0; i < 50; ++i) {
        Client client(rig.port());
        client.send(i % 2 == 0 ? get("/slow") : get("/big") + "GET /fa");
        client.reset();
    }
    rig.release();
    ASSERT_TRUE(eventually([&] { return rig.server->connections() == 0; }));
    Client client(rig.port());
    client.send(get("/fast"));
    EXPECT_EQ(status_of(client.answer()), 200);
}

TEST(Server, serves_many_connections_at_once) {
    Rig rig({}, 4, 2000, 2);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 300; ++i) clients.push_back(std::make_unique<Client>(rig.port()));
    for (int round = 0; round < 3; ++round) {
        for (auto& client : clients) client->send(get("/things/a"));
        for (auto& client : clients) ASSERT_EQ(body_of(client->answer()), "\"a\"");
    }
}

TEST(Server, drains_requests_in_flight_and_idle_connections) {
    Rig rig;
    Client idle(rig.port());
    idle.send(get("/fast"));
    EXPECT_EQ(status_of(idle.answer()), 200);
    Client busy(rig.port());
    busy.send(get("/slow"));
    ASSERT_TRUE(eventually([&] { return rig.handled == 2; }));
    auto drained = std::async(std::launch::async, [&] { return rig.server->drain(10s); });
    EXPECT_TRUE(idle.is_closed());
    EXPECT_THROW(Client(rig.port()), std::runtime_error);
    rig.release();
    const auto answer = busy.answer();
    EXPECT_EQ(body_of(answer), "\"slow\"");
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_TRUE(busy.is_closed());
    EXPECT_TRUE(drained.get());
}

TEST(Server, cuts_off_what_does_not_finish_in_time) {
    Rig rig;
    Client busy(rig.port());
    busy.send(get("/slow"));
    ASSERT_TRUE(eventually([&] { return rig.handled == 1; }));
    EXPECT_FALSE(rig.server->drain(100ms));
    EXPECT_TRUE(busy.is_closed());
    EXPECT_EQ(rig.server->connections(), 0U);
}

TEST(Server, says_how_to_get_a_port_that_is_in_use) {
    Rig rig;
    ServerOptions options;
    options.listen = rig.server->address();
    options.setting = "SKALD_OPS_LISTEN";
    try {
        Server second(options, rig.router, *rig.pool);
        FAIL() << "listened twice";
    } catch (const CannotListen& error) {
        const std::string what = error.what();
        EXPECT_NE(what.find(rig.server->address()), std::string::npos) << what;
        EXPECT_NE(what.find("in use"), std::string::npos) << what;
        EXPECT_NE(what.find("SKALD_OPS_LISTEN"), std::string::npos) << what;
    }
}

class BadAddress : public testing::TestWithParam<const char*> {};
TEST_P(BadAddress, is_refused_with_the_setting_named) {
    Router router;
    Workers workers("none", 0, 0);
    ServerOptions options;
    options.listen = GetParam();
    try {
        const Server server(options, router, workers);
        FAIL() << "listened on " << GetParam();
    } catch (const CannotListen& error) {
        EXPECT_NE(std::string(error.what()).find("SKALD_LISTEN"), std::string::npos);
    }
}
INSTANTIATE_TEST_SUITE_P(rows, BadAddress,
                         testing::Values("", "8080", ":8080", "localhost:", "127.0.0.1:http",
                                         "127.0.0.1:99999", "::1:8080", "203.0.113.1:8080"));

TEST(Server, counts_requests_by_route_and_status) {
    Rig rig;
    Client client(rig.port());
    client.send(get("/things/private-name") + get("/nowhere/private-name"));
    client.answer();
    client.answer();
    const auto metrics = diagnostics::render_metrics();
    EXPECT_NE(metrics.find("skald_http_requests_total{method=\"GET\",route=\"/things/{name}\","
                           "server=\"rig\",status=\"2xx\"}"),
              std::string::npos);
    EXPECT_NE(metrics.find("route=\"none\""), std::string::npos);
    EXPECT_EQ(metrics.find("private-name"), std::string::npos);
}

}  // namespace
}  // namespace skald::http
