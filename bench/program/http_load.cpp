#include "bench/program/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace skald::bench {
namespace {

constexpr std::chrono::seconds silence_max{10};
constexpr std::string_view end_of_headers = "\r\n\r\n";

[[noreturn]] void fail(const std::string& doing) {
    throw std::system_error(errno, std::generic_category(), doing);
}

int connect_to(const std::string& server) {
    const auto colon = server.rfind(':');
    if (colon == std::string::npos)
        throw std::runtime_error("--server must be address:port, not \"" + server + "\"");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(server.substr(colon + 1))));
    if (inet_pton(AF_INET, server.substr(0, colon).c_str(), &address.sin_addr) != 1)
        throw std::runtime_error("\"" + server + "\" is no IPv4 address:port");
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) fail("cannot make a socket");
    if (connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail("cannot connect to " + server);
    const int on = 1;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return made;
}

int number_of(std::string_view text) {
    int number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

timespec time_of(std::chrono::nanoseconds time) {
    const auto ns = std::max<std::int64_t>(time.count(), 0);
    return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
    const auto line = headers.find("\r\n" + std::string(name) + ": ");
    if (line == std::string_view::npos) return {};
    const auto begin = line + 2 + name.size() + 2;
    return headers.substr(begin, headers.find("\r\n", begin) - begin);
}

HttpLoad::HttpLoad(const std::string& server, int connections)
    : host_(server), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (poll_ < 0) fail("cannot make an epoll");
    connections_.resize(static_cast<std::size_t>(connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i].socket = connect_to(server);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        if (epoll_ctl(poll_, EPOLL_CTL_ADD, connections_[i].socket, &event) != 0)
            fail("cannot watch a socket");
    }
}

HttpLoad::~HttpLoad() {
    for (const auto& connection : connections_) {
        if (connection.socket >= 0) close(connection.socket);
    }
    close(poll_);
}

void HttpLoad::send(Connection& connection, const HttpRequest& request) {
    std::string text = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + host_ +
                       "\r\n" + request.headers;
    if (!request.body.empty()) {
        text += "Content-Type: application/json\r\nContent-Length: " +
                std::to_string(request.body.size()) + "\r\n";
    }
    text += "\r\n" + request.body;
    // A request is far smaller than a socket's buffer, which is empty while no answer is awaited.
    const auto sent = ::send(connection.socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(text.size())) fail("cannot send a request");
}

bool HttpLoad::receive(Connection& connection, const Answered& answered, Sample& sample) {
    std::array<char, 64 * 1024> part;
    const auto size = recv(connection.socket, part.data(), part.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (size <= 0) throw std::runtime_error("the server closed a connection amid an answer");
    auto& received = connection.received;
    received.append(part.data(), static_cast<std::size_t>(size));
    const auto end = received.find(end_of_headers);
    if (end == std::string::npos) return false;
    HttpAnswer answer{.headers = std::string_view(received).substr(0, end + 2)};
    const int length = number_of(answer.header("Content-Length"));
    if (length < 0) throw std::runtime_error("an answer without Content-Length");
    const auto whole = end + end_of_headers.size() + static_cast<std::size_t>(length);
    if (received.size() < whole) return false;
    sample.latency.record(Clock::now() - connection.meant);
    answer.status = number_of(answer.headers.substr(answer.headers.find(' ') + 1, 3));
    answer.body = std::string_view(received).substr(end + end_of_headers.size());
    if (answer.status < 200 || answer.status > 299) {
        throw std::runtime_error("an answer with status " + std::to_string(answer.status) + ": " +
                                 std::string(answer.body));
    }
    if (answered) answered(answer);
    received.clear();
    return true;
}

Sample HttpLoad::run(const Make& next, std::optional<double> rate, const Answered& answered) {
    Sample sample;
    std::vector<std::size_t> free;
    for (std::size_t i = connections_.size(); i > 0; --i) free.push_back(i - 1);
    const auto begun = Clock::now();
    auto heard = begun;
    auto meant = begun;
    std::uint64_t made = 0;
    auto request = next();
    std::array<epoll_event, 256> events;
    while (request || free.size() < connections_.size()) {
        auto now = Clock::now();
        while (request && !free.empty() && (!rate || meant <= now)) {
            auto& connection = connections_[free.back()];
            free.pop_back();
            connection.meant = rate ? meant : now;
            send(connection, *request);
            if (rate) {
                const Seconds since_begun(static_cast<double>(++made) / *rate);
                meant = begun + std::chrono::duration_cast<std::chrono::nanoseconds>(since_begun);
            }
            request = next();
            now = Clock::now();
        }
        const bool timed = request && rate && !free.empty();
        const auto wait = time_of(timed ? meant - now : silence_max);
        const int count = epoll_pwait2(poll_, events.data(), events.size(), &wait, nullptr);
        if (count < 0 && errno != EINTR) fail("cannot wait for answers");
        if (count > 0) heard = Clock::now();
        if (free.size() == connections_.size()) {
            heard = now;
        } else if (Clock::now() - heard >= silence_max) {
            throw std::runtime_error("no answer for 10 s");
        }
        for (int i = 0; i < count; ++i) {
            const auto index = events.at(static_cast<std::size_t>(i)).data.u64;
            if (receive(connections_[index], answered, sample)) free.push_back(index);
        }
    }
    sample.seconds = Seconds(Clock::now() - begun).count();
    sample.operations = sample.latency.count();
    return sample;
}

Sample HttpLoad::run_for(Seconds time, const std::function<HttpRequest()>& make,
                         std::optional<double> rate) {
    const auto end = Clock::now() + time;
    std::uint64_t left = rate ? static_cast<std::uint64_t>(*rate * time.count()) : 0;
    return run(
        [&]() -> std::optional<HttpRequest> {
            if (rate ? left-- == 0 : Clock::now() >= end) return std::nullopt;
            return make();
        },
        rate);
}

}  // namespace skald::bench
