// A blocking HTTP/1.1 client for one server, over TCP or TLS: every request has a deadline that
// bounds all of it, and connections are kept for the next one. Thread-safe. The only file beside
// api/http that knows Beast and Asio.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/kernel/result.h"

namespace skald::sagas {

struct HttpUrl {
    bool tls = false;
    std::string host;  // without brackets
    std::string port;
    std::string path;  // what every request's path begins with; no / at its end

    // The Host header's value.
    std::string authority() const;
};
// http://host[:port][/path] or https://...; nothing when it is something else.
std::optional<HttpUrl> parse_http_url(std::string_view text);

struct HttpRequest {
    std::string method;
    std::string path;  // begins with /
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
};
struct HttpReply {
    int status = 0;
    std::string body;
};
struct HttpFailure {
    // False: not a byte of the request can have been taken as one. True: it may have been done.
    bool maybe_sent = true;
    std::string why;
};

struct HttpTransportSettings {
    HttpUrl url;
    std::string ca_file = {};  // PEM; empty: the system's certificate authorities
    std::size_t idle_connections_max = 8;
    // Shorter than servers keep an idle connection, so that they do not close it under a request.
    std::chrono::milliseconds idle_max{10'000};
    std::size_t answer_bytes_max = 1024 * 1024;
};

class HttpTransport {
  public:
    // Connects to nothing yet. Throws std::runtime_error if the certificates cannot be read.
    explicit HttpTransport(HttpTransportSettings settings);
    ~HttpTransport();
    HttpTransport(const HttpTransport&) = delete;

    Result<HttpReply, HttpFailure> exchange(const HttpRequest& request,
                                            std::chrono::milliseconds timeout);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace skald::sagas
