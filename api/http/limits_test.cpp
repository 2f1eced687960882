// What a Server takes at most, of one request and of all together, and what clients get beyond it.
#include <gtest/gtest.h>

#include "api/http/server_rig.h"
#include "api/json/parse.h"

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

// A client that lets each segment end one byte into the next field name made the parser start its
// count again with every read, so that headers grew without end.
TEST(HostileHeaders, count_together_however_they_are_cut) {
    ServerLimits limits;
    limits.header_time_max = 2s;
    Rig rig(limits);
    Client client(rig.port());
    std::string piece;
    for (int i = 0; i < 100; ++i) piece += ": \r\na";
    client.send("GET /fast HTTP/1.1\r\nHost: x\r\na");
    for (std::size_t sent = 0; sent < 19'500 && client.send(piece); sent += piece.size()) {
        std::this_thread::sleep_for(5ms);  // so that each piece is read on its own
    }
    const auto answer = client.answer();
    EXPECT_EQ(status_of(answer), 431) << answer;
    EXPECT_EQ((*json::parse(body_of(answer)))["code"], "headers_too_large");
    EXPECT_EQ(rig.handled, 0);
}

// Each header costs more memory than it has bytes, so their number has a bound of its own.
TEST(HostileHeaders, are_limited_in_number) {
    Rig rig;
    const auto many = [](int n) {
        std::string all;
        for (int i = 0; i < n; ++i) all += "a:\r\n";
        return all;
    };
    Client most(rig.port());
    most.send(get("/fast", many(127)));  // and Host
    EXPECT_EQ(status_of(most.answer()), 200);
    Client more(rig.port());
    more.send(get("/fast", many(128)));
    EXPECT_EQ(status_of(more.answer()), 431);
}

TEST(Server, refuses_requests_when_the_workers_queue_is_full) {
    Rig rig({}, 1, 1);
    Client first(rig.port());
    first.send(get("/slow"));
    ASSERT_TRUE(eventually([&] { return rig.handled == 1; }));
    Client second(rig.port());
    second.send(get("/slow"));
    ASSERT_TRUE(eventually([&] { return rig.pool->waiting() == 1; }));
    Client third(rig.port());
    third.send(get("/slow"));
    const auto answer = third.answer();
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_EQ(problem_of(answer)["code"], "overloaded");
    EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    rig.release();
    EXPECT_EQ(status_of(first.answer()), 200);
    EXPECT_EQ(status_of(second.answer()), 200);
    third.send(get("/slow"));
    EXPECT_EQ(status_of(third.answer()), 200);
}

TEST(Server, refuses_requests_beyond_those_in_flight) {
    ServerLimits limits;
    limits.in_flight_max = 2;
    Rig rig(limits);
    Client first(rig.port());
    Client second(rig.port());
    Client third(rig.port());
    first.send(get("/slow"));
    second.send(get("/slow"));
    ASSERT_TRUE(eventually([&] { return rig.handled == 2; }));
    third.send(get("/fast"));
    EXPECT_EQ(problem_of(third.answer())["code"], "overloaded");
    rig.release();
    EXPECT_EQ(status_of(first.answer()), 200);
    EXPECT_EQ(status_of(second.answer()), 200);
    third.send(get("/fast"));
    EXPECT_EQ(status_of(third.answer()), 200);
}

TEST(Server, turns_away_connections_beyond_its_limit) {
    ServerLimits limits;
    limits.connections_max = 2;
    Rig rig(limits);
    auto first = std::make_unique<Client>(rig.port());
    Client second(rig.port());
    first->send(get("/fast"));
    second.send(get("/fast"));
    EXPECT_EQ(status_of(first->answer()), 200);
    EXPECT_EQ(status_of(second.answer()), 200);
    Client third(rig.port());
    third.send(get("/fast"));
    const auto answer = third.answer();
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_EQ(problem_of(answer)["code"], "too_many_connections");
    EXPECT_TRUE(third.is_closed());
    first.reset();
    ASSERT_TRUE(eventually([&] { return rig.server->connections() < 2; }));
    Client fourth(rig.port());
    fourth.send(get("/fast"));
    EXPECT_EQ(status_of(fourth.answer()), 200);
}

ServerLimits with_little_room() {
    ServerLimits limits;
    limits.body_bytes_max = 64 * 1024;
    limits.bodies_bytes_max = 100 * 1024;
    return limits;
}

// Bodies were bounded one by one only: many of them together took whatever memory there was.
TEST(Server, refuses_bodies_that_are_too_much_together) {
    Rig rig(with_little_room());
    const std::string body(60 * 1024, ' ');
    const std::string type = "Content-Type: application/json\r\n";
    Client first(rig.port());
    first.send(post("/held", body, type));
    ASSERT_TRUE(eventually([&] { return rig.handled == 1; }));
    for (const auto& request :
         {post("/held", body, type), "POST /held HTTP/1.1\r\nHost: x\r\n" + type +
                                         "Transfer-Encoding: chunked\r\n\r\nf000\r\n" + body +
                                         "\r\n0\r\n\r\n"}) {
        Client second(rig.port());
        second.send(request);
        const auto answer = second.answer();
        EXPECT_EQ(status_of(answer), 503) << answer;
        EXPECT_EQ(problem_of(answer)["code"], "overloaded");
        EXPECT_EQ(header_of(answer, "Retry-After"), "1");
    }
    Client small(rig.port());
    small.send(post("/echo", "{}"));
    EXPECT_EQ(status_of(small.answer()), 200);
    rig.release();
    EXPECT_EQ(status_of(first.answer()), 200);
    // A body's room is free once nobody holds the request, which may be just behind its answer.
    EXPECT_TRUE(eventually([&] {
        Client third(rig.port());
        third.send(post("/held", body, type));
        return status_of(third.answer()) == 200;
    }));
}

TEST(Server, has_room_for_the_next_body_once_one_is_parsed) {
    Rig rig(with_little_room());
    const auto request =
        post("/parsed", std::string(60 * 1024, ' '), "Content-Type: application/json\r\n");
    Client first(rig.port());
    first.send(request);
    ASSERT_TRUE(eventually([&] { return rig.handled == 1; }));
    Client second(rig.port());
    second.send(request);
    ASSERT_TRUE(eventually([&] { return rig.handled == 2; }));
    rig.release();
    EXPECT_EQ(status_of(first.answer()), 200);
    EXPECT_EQ(status_of(second.answer()), 200);
}

}  // namespace
}  // namespace skald::http
