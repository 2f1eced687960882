#include "api/http/server_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "api/json/read.h"
#include "eventstore/log.h"

namespace skald::http::rig {

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        throw std::runtime_error("cannot connect");
    }
}

Client::~Client() { ::close(socket_); }

bool Client::send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto n = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return false;
        sent += static_cast<std::size_t>(n);
    }
    return true;
}

void Client::send_end() { ::shutdown(socket_, SHUT_WR); }

void Client::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(socket_);
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
}

bool Client::fill() {
    char bytes[65536];
    const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
    if (n > 0) buffer_.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
}

std::string Client::answer(bool has_body) {
    while (buffer_.find("\r\n\r\n") == std::string::npos) {
        if (!fill()) return std::exchange(buffer_, "");
    }
    const auto head = buffer_.find("\r\n\r\n") + 4;
    const auto length = header_of(buffer_.substr(0, head), "Content-Length");
    const auto size = head + (has_body && !length.empty() ? std::stoul(length) : 0);
    while (buffer_.size() < size) {
        if (!fill()) return std::exchange(buffer_, "");
    }
    auto whole = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return whole;
}

std::string Client::rest() {
    while (fill()) {
    }
    return std::exchange(buffer_, "");
}

bool Client::is_closed() {
    char byte = 0;
    const auto n = ::recv(socket_, &byte, 1, 0);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

int status_of(const std::string& answer) {
    if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12) return 0;
    return std::stoi(answer.substr(9, 3));
}

std::string body_of(const std::string& answer) {
    const auto end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "" : answer.substr(end + 4);
}

std::string header_of(const std::string& answer, const std::string& name) {
    const auto start = answer.find("\r\n" + name + ": ");
    if (start == std::string::npos || start > answer.find("\r\n\r\n")) return "";
    const auto value = start + name.size() + 4;
    return answer.substr(value, answer.find("\r\n", value) - value);
}

std::string get(const std::string& target, const std::string& headers) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

std::string post(const std::string& target, const std::string& body, const std::string& headers) {
    return "POST " + target +
           " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
}

Rig::Rig(ServerLimits limits, std::size_t workers, std::size_t queue, std::size_t io_threads) {
    const auto blocking = [&](std::string path, BlockingHandler handler,
                              std::chrono::milliseconds time_max = 10s) {
        Route route{"GET", std::move(path), std::move(handler), {}};
        route.time_max = time_max;
        router.add(std::move(route));
    };
    const auto slow = [this](const Request&) -> Result<Response, Problem> {
        ++handled;
        released.wait(false);
        return json_response(200, "\"slow\"");
    };
    blocking("/slow", slow);
    blocking("/too_slow", slow, 200ms);
    blocking("/throw", [](const Request&) -> Result<Response, Problem> {
        throw std::runtime_error("secret detail");
    });
    blocking("/gone", [](const Request&) -> Result<Response, Problem> {
        throw eventstore::Unavailable("secret host");
    });
    blocking("/things/{name}", [](const Request& request) -> Result<Response, Problem> {
        return json_response(200, '"' + request.parameter("name") + '"');
    });
    blocking("/refused", [](const Request&) -> Result<Response, Problem> {
        return unexpected(conflict("not_enough_stock", "only 3 left", "/quantity"));
    });
    blocking("/evil_header", [](const Request&) -> Result<Response, Problem> {
        return Response{200, {{"Location", "/a\r\nSet-Cookie: b=c"}}, ""};
    });
    const auto fast = [this](std::shared_ptr<const Request>, const Respond& respond) {
        ++handled;
        respond(json_response(200, "\"fast\""));
    };
    router.add({"GET", "/fast", Handler(fast), {}});
    router.add({"GET",
                "/big",
                Handler([](auto, const Respond& respond) {
                    respond(json_response(200, std::string(8 * 1024 * 1024, 'b')));
                }),
                {}});
    router.add({"GET",
                "/empty",
                Handler([](auto, const Respond& respond) {
                    respond(Response{204, {}, "dropped"});
                }),
                {}});
    router.add({"GET", "/drop", Handler([](auto, const Respond&) {}), {}});
    router.add({"GET",
                "/twice",
                Handler([](auto, const Respond& respond) {
                    respond(json_response(200, "1"));
                    respond(json_response(200, "2"));
                }),
                {}});
    router.add({"GET",
                "/throw_async",
                Handler([](auto, const Respond&) { throw std::runtime_error("secret detail"); }),
                {}});
    RouteDoc takes_json;
    takes_json.body = json::shape<json::Value>();
    router.add({"POST", "/echo", BlockingHandler([this](const Request& request) {
                    ++handled;
                    auto value = json::parse(request.body);
                    if (!value)
                        return Result<Response, Problem>(unexpected(invalid(value.error())));
                    return Result<Response, Problem>(json_response(200, json::canonical(*value)));
                }),
                takes_json});
    router.add({"POST",
                "/async",
                Handler([this](auto, const Respond& respond) {
                    threads.emplace_back([respond] {
                        std::this_thread::yield();
                        respond(json_response(202, "\"later\""));
                    });
                }),
                {}});
    router.add({"POST", "/match", BlockingHandler([](const Request& request) {
                    const auto count =
                        request.count_headers("If-Match") + request.count_headers("X-Late");
                    const auto first = request.header("If-Match").value_or("");
                    return Result<Response, Problem>(json_response(
                        200, json::canonical(std::to_string(count) + " of " + std::string(first))));
                }),
                takes_json});
    const auto held = [this](bool dropped) {
        return [this, dropped](const std::shared_ptr<Request>& request, const Respond& respond) {
            if (dropped) request->drop_body();
            threads.emplace_back([this, respond] {
                ++handled;
                released.wait(false);
                respond(json_response(200, "\"held\""));
            });
        };
    };
    Route lost{"POST",
               "/lost",
               Handler([this](auto request, const Respond& respond) {
                   request->answer_headers = [] {
                       return Pairs{{"Skald-Command", "c-1"}, {"Skald-Token", "t-1"}};
                   };
                   threads.emplace_back([this, respond] { released.wait(false); });
               }),
               {}};
    lost.time_max = 100ms;
    router.add(std::move(lost));
    router.add({"POST", "/held", Handler(held(false)), takes_json});
    router.add({"POST", "/parsed", Handler(held(true)), takes_json});
    pool = std::make_unique<Workers>("rig", workers, queue);
    ServerOptions options;
    options.name = "rig";
    options.listen = "127.0.0.1:0";
    options.io_threads = io_threads;
    options.limits = limits;
    server = std::make_unique<Server>(std::move(options), router, *pool);
}

Rig::~Rig() {
    release();
    server.reset();
    pool->stop();
    for (auto& thread : threads) thread.join();
}

}  // namespace skald::http::rig
