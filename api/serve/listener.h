// A listener with its routes and its workers: the public one or that of operators.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "api/http/server.h"

namespace skald::serve {

class Listener {
  public:
    // Serves at once. Throws http::CannotListen.
    Listener(http::ServerOptions options, std::unique_ptr<http::Router> router, std::size_t workers,
             std::size_t queue_max)
        : router_(std::move(router)),
          workers_(options.name, workers, queue_max),
          server_(std::move(options), *router_, workers_) {}

    // http://host:port
    std::string url() const { return "http://" + server_.address(); }
    // Accepts no more, finishes what is in flight for at most `patience`.
    void stop(std::chrono::milliseconds patience) {
        server_.drain(patience);
        workers_.stop();
    }

  private:
    std::unique_ptr<http::Router> router_;
    http::Workers workers_;
    http::Server server_;
};

}  // namespace skald::serve
