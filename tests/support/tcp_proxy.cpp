#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace skald::tests {
namespace {

constexpr int poll_ms = 20;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Moves what `from` has to `to`; false at the end of the stream.
bool pass_on(int from, int to) {
    char buffer[16384];
    const auto size = recv(from, buffer, sizeof buffer, 0);
    if (size <= 0) return false;
    return send(to, buffer, static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t server_port) : server_port_(server_port) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("the proxy cannot listen on loopback");
    }
    port_ = ntohs(address.sin_port);
    accepting_ = std::jthread([this](std::stop_token stop) { accept_connections(stop); });
}

TcpProxy::~TcpProxy() {
    accepting_.request_stop();
    accepting_.join();
    connections_.clear();
    close(listener_);
}

void TcpProxy::accept_connections(std::stop_token stop) {
    while (!stop.stop_requested()) {
        pollfd entry{listener_, POLLIN, 0};
        if (poll(&entry, 1, poll_ms) <= 0) continue;
        const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        connections_.emplace_back([this, client](std::stop_token own) { forward(own, client); });
    }
}

void TcpProxy::forward(std::stop_token stop, int client) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(server_port_);
    bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    while (open && !stop.stop_requested()) {
        pollfd entries[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (poll(entries, 2, poll_ms) <= 0) continue;
        if (entries[0].revents != 0) open = pass_on(client, server);
        if (open && entries[1].revents != 0) {
            if (swallow_ > 0 && swallow_-- > 0) {
                ++swallowed_;
                open = false;
            } else {
                open = pass_on(server, client);
            }
        }
    }
    close(server);
    close(client);
}

}  // namespace skald::tests
