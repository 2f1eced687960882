// Requests of one route that are answered together.
#include <gtest/gtest.h>

#include "api/http/server_rig.h"

namespace skald::http {
namespace {

using rig::Client;
using namespace std::chrono_literals;

// A server with GET /things/{id}, of which some are answered together: what begins with "t".
struct TogetherRoom {
    explicit TogetherRoom(std::size_t queue = 64, std::chrono::milliseconds time_max = 20s) {
        Route route{"GET",
                    "/things/{id}",
                    BlockingHandler([this](const Request& request) -> Result<Response, Problem> {
                        ++alone;
                        return json_response(200, "\"alone " + request.parameter("id") + '"');
                    }),
                    {}};
        route.time_max = time_max;
        route.together = [this](std::span<const Request* const> requests) {
            ++batches;
            held.wait(true);
            if (failing) throw std::runtime_error("secret");
            Answers answers(requests.size());
            for (std::size_t i = 0; i < requests.size(); ++i) {
                const auto& id = requests[i]->parameter("id");
                if (id.starts_with("t")) answers[i] = json_response(200, "\"with " + id + '"');
                if (id.starts_with("p")) answers[i] = unexpected(not_found("none"));
            }
            return answers;
        };
        router.add(std::move(route));
        pool.emplace("together", 2, queue);
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
    std::atomic<int> batches = 0;
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
    EXPECT_EQ(room.alone, 1);
}

TEST(Together, takes_what_came_while_it_was_busy_at_once) {
    TogetherRoom room;
    room.held = true;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 2; ++i) {  // one after the other, so that each is a batch of its own
        clients.push_back(room.ask("t" + std::to_string(i)));
        while (room.batches < i + 1) std::this_thread::yield();
    }
    for (int i = 2; i < 50; ++i) {
        const auto kind = std::string(i % 10 == 0 ? "a" : "t");
        clients.push_back(room.ask(kind + std::to_string(i)));
    }
    // Whoever came last has been let in: its connection's request line is read before others'
    // answers are written.
    while (room.server->connections() < 50) std::this_thread::yield();
    room.let_go();
    for (int i = 0; i < 50; ++i) {
        const bool alone = i > 1 && i % 10 == 0;
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

}  // namespace
}  // namespace skald::http
