// For tests: a Server with a few routes, and a client that writes raw bytes, so that it can
// misbehave.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "api/http/server.h"

namespace skald::http::rig {

using namespace std::chrono_literals;

// A blocking socket to 127.0.0.1. Reads give up after 10 s.
class Client {
  public:
    explicit Client(std::uint16_t port);
    ~Client();
    Client(const Client&) = delete;

    // False when the peer does not take the bytes any more.
    bool send(const std::string& bytes);
    void send_end();  // no more bytes from here
    void reset();     // abrupt close
    // One answer, its body by Content-Length; empty at the end of the connection.
    std::string answer(bool has_body = true);
    std::string rest();  // everything until the peer closes
    bool is_closed();    // waits for it

  private:
    bool fill();

    int socket_;
    std::string buffer_;
};

int status_of(const std::string& answer);
std::string body_of(const std::string& answer);
std::string header_of(const std::string& answer, const std::string& name);

// Routes: GET /fast, GET /slow (until release()), POST /echo (JSON body), GET /things/{name}, GET
// /big, GET /throw, GET /drop, POST /async (from another thread), POST /match (its If-Match), POST
// /held and /parsed (until release(); the second keeps no body).
struct Rig {
    explicit Rig(ServerLimits limits = {}, std::size_t workers = 4, std::size_t queue = 64,
                 std::size_t io_threads = 2);
    ~Rig();
    void release() {
        released = true;
        released.notify_all();
    }
    std::uint16_t port() const { return server->port(); }

    std::atomic<bool> released = false;
    std::atomic<int> handled = 0;
    Router router;
    std::unique_ptr<Workers> pool;
    std::unique_ptr<Server> server;
    std::vector<std::thread> threads;
};

// The shortest request there is.
std::string get(const std::string& target, const std::string& headers = "");
std::string post(const std::string& target, const std::string& body,
                 const std::string& headers = "Content-Type: application/json\r\n");

}  // namespace skald::http::rig
