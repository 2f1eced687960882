#include "tests/integration/providers/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace skald::tests {
namespace {

constexpr int tick_ms = 20;

bool readable(int socket, int ms) {
    pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, ms) > 0;
}

}  // namespace

int Line::receive(char* bytes, int size) {
    while (tls_ == nullptr || SSL_pending(tls_) == 0) {
        if (readable(socket_, tick_ms)) break;
        if (server_.is_ending()) return 0;
    }
    return tls_ != nullptr ? SSL_read(tls_, bytes, size)
                           : static_cast<int>(::recv(socket_, bytes, size_t(size), 0));
}

std::string Line::request() {
    char bytes[4096];
    while (true) {
        const auto end = buffer_.find("\r\n\r\n");
        if (end != std::string::npos) {
            const auto at = buffer_.find("Content-Length: ");
            const auto body = at < end ? std::stoul(buffer_.substr(at + 16)) : 0;
            if (buffer_.size() >= end + 4 + body) {
                auto whole = buffer_.substr(0, end + 4 + body);
                buffer_.erase(0, whole.size());
                return whole;
            }
        }
        const int n = receive(bytes, sizeof bytes);
        if (n <= 0) return "";
        buffer_.append(bytes, static_cast<std::size_t>(n));
    }
}

bool Line::send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto left = bytes.size() - sent;
        const auto n = tls_ != nullptr
                           ? SSL_write(tls_, bytes.data() + sent, static_cast<int>(left))
                           : ::send(socket_, bytes.data() + sent, left, MSG_NOSIGNAL);
        if (n <= 0) return false;
        sent += static_cast<std::size_t>(n);
    }
    return true;
}

void Line::hang() {
    char bytes[4096];
    while (receive(bytes, sizeof bytes) > 0) {
    }
}

void Line::drip(const std::string& bytes) {
    for (std::size_t i = 0; !server_.is_ending() && send(bytes.substr(i % bytes.size(), 1)); ++i) {
        readable(-1, 5);  // a pause: no descriptor, so only the time passes
    }
}

RawServer::RawServer(Script script, SSL_CTX* tls)
    : script_(std::move(script)), tls_(tls), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    std::signal(SIGPIPE, SIG_IGN);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
        throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
    ending_ = true;
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
}

void RawServer::accept_all() {
    while (!ending_) {
        if (!readable(listener_, tick_ms)) continue;
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0) continue;
        const int number = ++connections_;
        threads_.emplace_back([this, socket, number] { serve(socket, number); });
    }
}

void RawServer::serve(int socket, int number) {
    SSL* tls = tls_ != nullptr ? SSL_new(tls_) : nullptr;
    bool up = true;
    if (tls != nullptr) {
        SSL_set_fd(tls, socket);
        up = SSL_accept(tls) == 1;
    }
    Line line(*this, socket, tls);
    if (up) script_(line, number);
    SSL_free(tls);
    ::close(socket);
}

std::string http_answer(int status, const std::string& body, const std::string& headers) {
    return "HTTP/1.1 " + std::to_string(status) +
           " Told\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
           body;
}

}  // namespace skald::tests
