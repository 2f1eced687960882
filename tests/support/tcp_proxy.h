// A TCP proxy on loopback between a client and a server under test, which can be told to swallow
// what the server answers and then to cut the connection: so a request takes effect and its answer
// is lost. One thread per connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <thread>

namespace skald::tests {

class TcpProxy {
  public:
    // Forwards connections on port() to this port of loopback.
    explicit TcpProxy(std::uint16_t server_port);
    ~TcpProxy();

    std::uint16_t port() const { return port_; }
    // From now on the next answer of the server is swallowed and its connection cut, `times` times.
    void swallow_answers(int times) { swallow_ = times; }
    int swallowed() const { return swallowed_; }

  private:
    void accept_connections(std::stop_token stop);
    void forward(std::stop_token stop, int client);

    std::uint16_t server_port_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<int> swallow_{0};
    std::atomic<int> swallowed_{0};
    std::list<std::jthread> connections_;
    std::jthread accepting_;
};

}  // namespace skald::tests
