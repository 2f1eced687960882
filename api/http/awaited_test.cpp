// Answers that wait for a better one, without a thread.
#include <gtest/gtest.h>

#include <future>

#include "api/http/server_rig.h"

namespace skald::http {
namespace {

using rig::Client;
using namespace std::chrono_literals;

// A server with worker threads, one unless told otherwise, and: POST /wait, whose answer waits for
// what `ask` says until `wait` is over; GET /free, which needs the thread.
struct WaitingRoom {
    explicit WaitingRoom(std::function<Result<Response, NotYet>()> ask,
                         std::chrono::milliseconds wait = 10s, ServerLimits limits = {},
                         std::size_t threads = 1, std::chrono::milliseconds time_max = 30s)
        : pool(std::in_place, "waiting", threads, 4) {
        router.add({"POST",
                    "/wait",
                    Handler([this, ask, wait](auto request, const Respond& respond) {
                        auto response = json_response(202, "\"not yet\"");
                        response.awaited =
                            std::make_shared<const Awaited>(Awaited{[this, ask](const Request&) {
                                                                        ++asked;
                                                                        return ask();
                                                                    },
                                                                    request->begun + wait});
                        respond(std::move(response));
                    }),
                    {},
                    time_max});
        router.add({"GET",
                    "/free",
                    BlockingHandler([](const Request&) -> Result<Response, Problem> {
                        return json_response(200, "\"free\"");
                    }),
                    {}});
        ServerOptions options;
        options.name = "waiting";
        options.listen = "127.0.0.1:0";
        options.limits = limits;
        server.emplace(std::move(options), router, *pool);
    }
    ~WaitingRoom() {
        server.reset();
        pool.reset();
    }

    static constexpr std::string_view posted =
        "POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    // The answer, and how long it took.
    std::pair<std::string, Clock::duration> answer() const {
        const auto began = Clock::now();
        Client client(server->port());
        client.send(std::string(posted));
        auto answer = client.answer();
        return {std::move(answer), Clock::now() - began};
    }

    std::atomic<int> asked = 0;
    Router router;
    std::optional<Workers> pool;
    std::optional<Server> server;
};

constexpr auto not_yet = [] { return Result<Response, NotYet>(unexpected(NotYet::ask_again)); };

TEST(Awaited, is_answered_once_it_is_there_and_takes_no_thread_until_then) {
    std::atomic<bool> known = false;
    WaitingRoom room([&]() -> Result<Response, NotYet> {
        if (!known) return unexpected(NotYet::ask_again);
        return json_response(201, "\"known\"");
    });
    std::vector<std::unique_ptr<Client>> waiting;  // many more than threads, and than the queue
    for (int i = 0; i < 50; ++i) {
        waiting.push_back(std::make_unique<Client>(room.server->port()));
        waiting.back()->send(std::string(WaitingRoom::posted));
    }
    while (room.asked < 100) std::this_thread::yield();
    Client free(room.server->port());
    free.send(rig::get("/free"));
    EXPECT_EQ(rig::body_of(free.answer()), "\"free\"");
    known = true;
    for (auto& client : waiting) {
        const auto answer = client->answer();
        EXPECT_EQ(rig::status_of(answer), 201);
        EXPECT_EQ(rig::body_of(answer), "\"known\"");
    }
}

TEST(Awaited, is_given_up_when_the_time_is_over) {
    WaitingRoom room(not_yet, 300ms);
    const auto [answer, took] = room.answer();
    EXPECT_EQ(rig::status_of(answer), 202);
    EXPECT_EQ(rig::body_of(answer), "\"not yet\"");
    EXPECT_GE(took, 300ms);
    EXPECT_GT(room.asked, 1);
    EXPECT_LT(room.asked, 20) << "less and less often";
}

TEST(Awaited, is_asked_once_even_by_who_does_not_wait) {
    WaitingRoom room([] { return json_response(201, "\"known\""); }, 0ms);
    EXPECT_EQ(rig::status_of(room.answer().first), 201);
}

TEST(Awaited, is_given_up_at_once_when_that_is_said_or_it_fails) {
    WaitingRoom giving_up([] { return Result<Response, NotYet>(unexpected(NotYet::give_up)); });
    WaitingRoom failing([]() -> Result<Response, NotYet> { throw std::runtime_error("secret"); });
    for (auto* room : {&giving_up, &failing}) {
        const auto [answer, took] = room->answer();
        EXPECT_EQ(rig::status_of(answer), 202);
        EXPECT_EQ(rig::body_of(answer), "\"not yet\"");
        EXPECT_LT(took, 9s);
        EXPECT_EQ(room->asked, 1);
    }
}

TEST(Awaited, is_given_up_when_the_workers_stop) {
    WaitingRoom room(not_yet);
    auto answered = std::async(std::launch::async, [&] { return room.answer(); });
    while (room.asked < 2) std::this_thread::yield();
    room.pool->stop();
    const auto [answer, took] = answered.get();
    EXPECT_EQ(rig::status_of(answer), 202);
    EXPECT_LT(took, 9s);
}

// Answers that were waited for, each asked for with a slow query, took all threads.
TEST(Awaited, leaves_half_of_the_threads_to_requests_that_do_not_wait) {
    std::atomic<bool> known = false;
    std::atomic<int> asking = 0;
    WaitingRoom room(
        [&]() -> Result<Response, NotYet> {
            ++asking;
            known.wait(false);
            --asking;
            return json_response(201, "\"known\"");
        },
        20s, {}, 4);
    std::vector<std::unique_ptr<Client>> waiting;
    for (int i = 0; i < 8; ++i) {
        waiting.push_back(std::make_unique<Client>(room.server->port()));
        waiting.back()->send(std::string(WaitingRoom::posted));
    }
    while (asking < 2) std::this_thread::yield();
    std::this_thread::sleep_for(200ms);  // sleep: as long as the others would take to be asked
    EXPECT_EQ(asking, 2);
    Client free(room.server->port());
    free.send(rig::get("/free"));
    EXPECT_EQ(rig::body_of(free.answer()), "\"free\"");
    known = true;
    known.notify_all();
    for (auto& client : waiting) EXPECT_EQ(rig::status_of(client->answer()), 201);
    EXPECT_EQ(room.asked, 8);
}

// It was told that the command's outcome is unknown, which was known from the beginning.
TEST(Awaited, is_answered_with_what_is_known_when_all_time_is_over) {
    std::atomic<bool> over = false;
    WaitingRoom room(
        [&]() -> Result<Response, NotYet> {
            over.wait(false);
            return unexpected(NotYet::ask_again);
        },
        10s, {}, 1, 300ms);
    const auto [answer, took] = room.answer();
    EXPECT_EQ(rig::status_of(answer), 202);
    EXPECT_EQ(rig::body_of(answer), "\"not yet\"");
    EXPECT_LT(took, 9s);
    over = true;
    over.notify_all();
}

// Each took one of the places of all requests for as long as it waited: with enough of them no
// command and no query was let in.
TEST(Awaited, leaves_their_places_to_requests_that_do_not_wait) {
    std::atomic<bool> known = false;
    WaitingRoom room(
        [&]() -> Result<Response, NotYet> {
            if (!known) return unexpected(NotYet::ask_again);
            return json_response(201, "\"known\"");
        },
        20s, {.in_flight_max = 1, .waiting_max = 3});
    std::vector<std::unique_ptr<Client>> waiting;
    for (int i = 0; i < 3; ++i) {
        const int before = room.asked;
        waiting.push_back(std::make_unique<Client>(room.server->port()));
        waiting.back()->send(std::string(WaitingRoom::posted));
        while (room.asked < before + i + 1) std::this_thread::yield();
    }
    const auto [answer, took] = room.answer();
    EXPECT_EQ(rig::status_of(answer), 202) << "one more does not wait";
    EXPECT_LT(took, 9s);
    Client free(room.server->port());
    free.send(rig::get("/free"));
    EXPECT_EQ(rig::status_of(free.answer()), 200);
    known = true;
    for (auto& client : waiting) EXPECT_EQ(rig::status_of(client->answer()), 201);
    EXPECT_EQ(rig::status_of(room.answer().first), 201) << "their places are free again";
}

// A client that was gone kept its place, and its order was asked for, until its time was over.
TEST(Awaited, ends_when_the_client_goes_away) {
    WaitingRoom room(not_yet, 25s, {.waiting_max = 1});
    for (const bool for_good : {true, false}) {
        const auto began = Clock::now();
        const int before = room.asked;
        Client client(room.server->port());
        client.send(std::string(WaitingRoom::posted));
        while (room.asked == before) std::this_thread::yield();
        if (for_good) {
            client.reset();
        } else {  // it said that nothing more comes, and may still read
            client.send_end();
            EXPECT_EQ(rig::status_of(client.answer()), 202);
        }
        while (room.server->connections() > 0 && Clock::now() < began + 9s)
            std::this_thread::yield();
        EXPECT_EQ(room.server->connections(), 0U);
    }
    const int asked = room.asked;
    Client last(room.server->port());
    last.send(std::string(WaitingRoom::posted));
    while (room.asked < asked + 3) std::this_thread::yield();  // it was let in
}

}  // namespace
}  // namespace skald::http
