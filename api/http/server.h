// An HTTP/1.1 server: sockets, limits and timeouts on the outside, handlers by router inside.
// Several may run in one process. Every request gets an answer, JSON or problem+json, where HTTP
// allows one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "api/http/router.h"
#include "api/http/workers.h"

namespace skald::http {

struct ServerLimits {
    std::size_t header_bytes_max = 16 * 1024;  // request line and headers together
    std::size_t body_bytes_max = 1024 * 1024;
    std::size_t bodies_bytes_max = 128 * 1024 * 1024;  // of all requests together; beyond it: 503
    std::size_t connections_max = 1024;                // beyond it: 503 and close
    std::size_t in_flight_max = 2048;                  // requests being worked on; beyond it: 503
    // Answers that wait for a better one (Awaited), beside those; beyond it the answer there is.
    std::size_t waiting_max = 1024;
    std::chrono::milliseconds header_time_max{10'000};  // first to last byte of the headers
    std::chrono::milliseconds body_time_max{30'000};
    std::chrono::milliseconds idle_time_max{60'000};  // between the requests of a connection
    std::chrono::milliseconds write_time_max{30'000};
};

// How many connections beyond connections_max still get an answer, and are not just closed.
constexpr std::size_t turned_away_max(std::size_t connections_max) {
    return std::min<std::size_t>(64, connections_max / 4 + 1);
}

struct ServerOptions {
    std::string name = "public";            // in metrics and log lines
    std::string listen = "127.0.0.1:8080";  // host:port, [v6]:port; port 0: any free one
    std::string setting = "SKALD_LISTEN";   // named in the remedy when the address cannot be had
    std::size_t io_threads = 1;
    ServerLimits limits = {};
};

// The address cannot be listened on; what() is one sentence with the remedy.
struct CannotListen : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Server {
  public:
    // Listens and serves at once; throws CannotListen. `router` and `workers` must outlive it.
    Server(ServerOptions options, const Router& router, Workers& workers);
    ~Server();  // drain(0)
    Server(const Server&) = delete;

    std::uint16_t port() const;
    // "127.0.0.1:8080", with the port that was really taken.
    std::string address() const;
    // Accepts no more, lets requests in flight finish for at most `patience`, then closes what is
    // left. True when nothing had to be cut off. Blocks; further calls do nothing.
    bool drain(std::chrono::milliseconds patience);
    std::size_t connections() const;

    class Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace skald::http
