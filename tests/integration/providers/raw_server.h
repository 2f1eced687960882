// A server on a port of its own that does to each connection exactly what a test says, right or
// wrong. One thread per connection; all end with the server.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace skald::tests {

class RawServer;

// One accepted connection, closed when the script returns.
class Line {
  public:
    Line(RawServer& server, int socket, SSL* tls) : server_(server), socket_(socket), tls_(tls) {}

    // One request with its body (by Content-Length); empty when the peer closed first.
    std::string request();
    // False when the peer took no more.
    bool send(const std::string& bytes);
    // Waits for the peer to close, or for the server's end.
    void hang();
    // Sends what does not end, a byte every few milliseconds, until the peer closes.
    void drip(const std::string& bytes);

  private:
    int receive(char* bytes, int size);
    RawServer& server_;
    int socket_;
    SSL* tls_;
    std::string buffer_;
};

class RawServer {
  public:
    // `number` counts connections from 1.
    using Script = std::function<void(Line& line, int number)>;
    // With `tls`, the script runs after a handshake as `tls` says (certificate.h).
    explicit RawServer(Script script, SSL_CTX* tls = nullptr);
    ~RawServer();

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }
    bool is_ending() const { return ending_; }

  private:
    void accept_all();
    void serve(int socket, int number);

    Script script_;
    SSL_CTX* tls_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<bool> ending_ = false;
    std::atomic<int> connections_ = 0;
    std::mutex mutex_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

// An answer with this body, its length told.
std::string http_answer(int status, const std::string& body, const std::string& headers = "");

}  // namespace skald::tests
