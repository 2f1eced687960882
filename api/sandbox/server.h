// The sandbox payment provider as a server, from its start to its end.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace skald::sandbox {

struct ServerSettings {
    std::string listen;  // host:port; port 0: any free one
    std::string ledger;  // path
    std::string secret;  // of the signatures; empty: none is asked for
    std::size_t connections_max = 4096;
};

class Server {
  public:
    // Serves at once. Throws http::CannotListen, sagas::LedgerUnusable.
    explicit Server(ServerSettings settings);
    ~Server();  // stop()s
    Server(const Server&) = delete;

    // http://host:port
    std::string url() const;
    // Accepts no more and finishes what is being written; who waits for a slow answer gets 503.
    void stop();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace skald::sandbox
