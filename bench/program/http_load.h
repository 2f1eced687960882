// Sends requests over keep-alive connections from one thread, each as fast as the answers come
// (closed loop) or at times that were fixed beforehand (open loop), and counts an answer's time
// from when its request was meant to be sent: so a server that stalls does not slow its own
// measurement.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/program/sample.h"

namespace skald::bench {

struct HttpRequest {
    std::string method = "GET";
    std::string target;
    std::string body = {};     // JSON, of methods that have one
    std::string headers = {};  // lines, each with its CRLF
};

// `headers` are the status line and the header lines as they came.
struct HttpAnswer {
    int status = 0;
    std::string_view headers;
    std::string_view body;

    // The value of a header; empty when there is none. `name` as the server writes it.
    std::string_view header(std::string_view name) const;
};

class HttpLoad {
  public:
    // `server`: IPv4 address:port. Throws std::runtime_error when it cannot connect.
    HttpLoad(const std::string& server, int connections);
    ~HttpLoad();
    HttpLoad(const HttpLoad&) = delete;

    using Make = std::function<std::optional<HttpRequest>()>;
    using Answered = std::function<void(const HttpAnswer&)>;
    // Until there is no next request and all are answered; `rate` requests a second, or as fast as
    // answers come. Throws on a connection that breaks, a silence of 10 s, and on every status but
    // 2xx.
    Sample run(const Make& next, std::optional<double> rate = {}, const Answered& answered = {});
    // So long, with what `make` gives.
    Sample run_for(Seconds time, const std::function<HttpRequest()>& make,
                   std::optional<double> rate = {});

  private:
    struct Connection {
        int socket = -1;
        std::string received;
        Clock::time_point meant;
    };
    void send(Connection& connection, const HttpRequest& request);
    // Reads what is there; true when the answer is whole and was counted.
    bool receive(Connection& connection, const Answered& answered, Sample& sample);

    std::string host_;
    int poll_ = -1;
    std::vector<Connection> connections_;
};

}  // namespace skald::bench
