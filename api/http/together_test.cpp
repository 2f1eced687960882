// Requests of one route that are answered together.
#include <gtest/gtest.h>

#include "api/http/server_rig.h"

namespace skald::http {
namespace {

using rig::Client;
using namespace std::chrono_literals;

// A server with GET /things/{id}, of which some are answered together: what begins with "t".
struct TogetherRoom {
    explicit TogetherRoom(std::size_t queue = 64, std::chrono::milliseconds time_max = 20s,
                          std::size_t threads = 2) {
        Route route{"GET",
                    "/things/{id}",
                    BlockingHandler([this](const Request& request) -> Result<Response, Problem> {
                        ++alone;
                        batches_before_alone = batches.load();
                        return json_response(200, "\"alone " + request.parameter("id") + '"');
                    }),
                    {}};
        route.time_max = time_max;
        route.together.push_back([this](std::span<const Request* const> requests) {
            ++batches;
            asked += static_cast<int>(requests.size());
            if (slow) std::this_thread::sleep_for(5ms);  // sleep: the batch takes its time
            held.wait(true);
            if (failing) throw std::runtime_error("secret");
            Answers answers(requests.size());
            for (std::size_t i = 0; i < requests.size(); ++i) {
                const auto& id = requests[i]->parameter("id");
                if (id.starts_with("t")) answers[i] = json_response(200, "\"with " + id + '"');
                if (id.starts_with("p")) answers[i] = unexpected(not_found("none"));
            }
            return answers;
        });
        route.together.push_back([this](std::span<const Request* const> requests) {
            ++second_batches;
            Answers answers(requests.size());
            for (std::size_t i = 0; i < requests.size(); ++i) {
                const auto& id = requests[i]->parameter("id");
                if (id.starts_with("s")) answers[i] = json_response(200, "\"then " + id + '"');
            }
            return answers;
        });
        router.add(std::move(route));
        pool.emplace("together", threads, queue);
        ServerOptions options;
        options.name = "together";
        options.listen = "127.0.0.1:0";
        server.emplace(std::move(options), router, *pool);
    }
    ~TogetherRoom() {
        let_go();
        server.reset();
        pool.reset();
    }
    void let_go() {
        held = false;
        held.notify_all();
    }
    std::unique_ptr<Client> ask(const std::string& id) {
        auto client = std::make_unique<Client>(server->port());
        client->send(rig::get("/things/" + id));
        return client;
    }

    std::atomic<bool> held = false;
    std::atomic<bool> failing = false;
    std::atomic<bool> slow = false;
    std::atomic<int> batches = 0;
    std::atomic<int> second_batches = 0;
    std::atomic<int> asked = 0;
    std::atomic<int> batches_before_alone = 0;
    std::atomic<int> alone = 0;
    Router router;
    std::optional<Workers> pool;
    std::optional<Server> server;
};

TEST(Together, answers_each_request_with_its_own) {
    TogetherRoom room;
    EXPECT_EQ(rig::body_of(room.ask("t1")->answer()), "\"with t1\"");
    EXPECT_EQ(rig::status_of(room.ask("p1")->answer()), 404);
    EXPECT_EQ(rig::body_of(room.ask("a1")->answer()), "\"alone a1\"");
    EXPECT_EQ(room.batches, 3);
    EXPECT_EQ(room.second_batches, 1);
    EXPECT_EQ(room.alone, 1);
}

TEST(Together, leaves_what_it_does_not_answer_to_those_who_answer_the_rest_together) {
    TogetherRoom room;
    room.held = true;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 30; ++i) {
        clients.push_back(room.ask((i % 3 == 0 ? "t" : "s") + std::to_string(i)));
        while (room.batches < 1) std::this_thread::yield();
    }
    while (room.server->connections() < 30) std::this_thread::yield();
    room.let_go();
    for (int i = 0; i < 30; ++i)
        EXPECT_EQ(rig::body_of(clients[static_cast<std::size_t>(i)]->answer()),
                  (i % 3 == 0 ? "\"with t" : "\"then s") + std::to_string(i) + '"');
    EXPECT_EQ(room.alone, 0);
    EXPECT_LT(room.second_batches, 20);
}

// Another hand is worth it where many wait: few at a time cost more each.
TEST(Together, makes_no_small_batches_while_one_is_under_way) {
    TogetherRoom room;
    room.held = true;
    std::vector<std::unique_ptr<Client>> clients;
    clients.push_back(room.ask("t0"));
    while (room.batches < 1) std::this_thread::yield();
    for (int i = 1; i < 10; ++i) clients.push_back(room.ask("t" + std::to_string(i)));
    while (room.server->connections() < 10) std::this_thread::yield();
    std::this_thread::sleep_for(50ms);  // sleep: a hand that must not come has time to
    EXPECT_EQ(room.batches, 1);
    room.let_go();
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(rig::body_of(clients[static_cast<std::size_t>(i)]->answer()),
                  "\"with t" + std::to_string(i) + '"');
    EXPECT_EQ(room.batches, 2);
}

TEST(Together, takes_what_came_while_it_was_busy_at_once) {
    TogetherRoom room;
    room.held = true;
    std::vector<std::unique_ptr<Client>> clients;
    clients.push_back(room.ask("t0"));
    while (room.batches < 1) std::this_thread::yield();
    for (int i = 1; i < 50; ++i) {
        const auto kind = std::string(i % 10 == 0 ? "a" : "t");
        clients.push_back(room.ask(kind + std::to_string(i)));
    }
    // Whoever came last has been let in: its connection's request line is read before others'
    // answers are written.
    while (room.server->connections() < 50) std::this_thread::yield();
    room.let_go();
    for (int i = 0; i < 50; ++i) {
        const bool alone = i > 0 && i % 10 == 0;
        EXPECT_EQ(rig::body_of(clients[static_cast<std::size_t>(i)]->answer()),
                  (alone ? "\"alone a" : "\"with t") + std::to_string(i) + '"');
    }
    EXPECT_LT(room.batches, 50);
    EXPECT_EQ(room.alone, 4);
}

TEST(Together, sends_all_their_own_way_when_it_fails) {
    TogetherRoom room;
    room.failing = true;
    EXPECT_EQ(rig::body_of(room.ask("t1")->answer()), "\"alone t1\"");
    EXPECT_EQ(rig::body_of(room.ask("p1")->answer()), "\"alone p1\"");
}

// What waits for hands that never come is answered, and those who come later find hands again.
TEST(Together, is_refused_when_no_worker_can_be_had) {
    TogetherRoom room(0);
    EXPECT_EQ(rig::status_of(room.ask("t1")->answer()), 503);
    EXPECT_EQ(rig::status_of(room.ask("t2")->answer()), 503);
    EXPECT_EQ(rig::status_of(room.ask("t3")->answer()), 503);
    EXPECT_EQ(room.batches, 0);
}

// Held hands: the connection's own deadline answers, and what the hands say later is dropped.
TEST(Together, is_given_up_at_the_deadline) {
    TogetherRoom room(64, 100ms);
    room.held = true;
    const auto client = room.ask("t1");
    EXPECT_EQ(rig::status_of(client->answer()), 503);
    room.let_go();
    EXPECT_EQ(rig::body_of(room.ask("t2")->answer()), "\"with t2\"");
}

// While all hands were held, requests came and were answered at their deadline. Nobody waits for
// what would be told of them: it is not asked for.
TEST(Together, does_not_ask_for_those_that_were_answered_meanwhile) {
    TogetherRoom room(64, 300ms);
    room.held = true;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 100; ++i) clients.push_back(room.ask("t" + std::to_string(i)));
    while (room.batches < 2) std::this_thread::yield();  // all hands there are
    const int before = room.asked;
    for (int i = 100; i < 200; ++i) clients.push_back(room.ask("t" + std::to_string(i)));
    for (const auto& client : clients) EXPECT_EQ(rig::status_of(client->answer()), 503);
    room.let_go();
    EXPECT_EQ(rig::body_of(room.ask("t200")->answer()), "\"with t200\"");
    EXPECT_EQ(room.asked, before + 1);
}

// One worker, and so many requests to be answered together that the next batch is always there when
// one is done: what goes alone has its turn all the same.
TEST(Together, gives_its_thread_back_behind_each_batch) {
    TogetherRoom room(64, 20s, 1);
    room.slow = true;
    std::atomic<bool> enough = false;
    std::vector<std::jthread> askers;
    for (int i = 0; i < 4; ++i) {
        askers.emplace_back([&room, &enough] {
            Client client(room.server->port());
            while (!enough && room.batches < 400) {
                client.send(rig::get("/things/t1"));
                client.answer();
            }
        });
    }
    while (room.batches < 10) std::this_thread::yield();
    const int before = room.batches;
    EXPECT_EQ(rig::body_of(room.ask("a1")->answer()), "\"alone a1\"");
    enough = true;
    askers.clear();
    EXPECT_LT(room.batches_before_alone, before + 50);
}

}  // namespace
}  // namespace skald::http
