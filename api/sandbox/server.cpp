#include "api/sandbox/server.h"

#include "api/http/server.h"
#include "api/sandbox/routes.h"

namespace skald::sandbox {
namespace {

constexpr std::size_t writers = 4;  // they share an fdatasync
constexpr std::size_t writes_waiting_max = 1024;
constexpr std::size_t readers = 2;
constexpr std::size_t reads_waiting_max = 256;
constexpr std::chrono::milliseconds patience{1000};

http::ServerOptions options_of(const ServerSettings& settings) {
    http::ServerOptions options{
        .name = "sandbox", .listen = settings.listen, .setting = "SKALD_SANDBOX_LISTEN"};
    options.limits.connections_max = settings.connections_max;
    options.limits.in_flight_max = settings.connections_max;
    return options;
}

}  // namespace

class Server::Impl {
  public:
    explicit Impl(ServerSettings settings)
        : sandbox_({.ledger = settings.ledger}),
          writers_("sandbox_writing", writers, writes_waiting_max),
          readers_("sandbox_reading", readers, reads_waiting_max),
          services_{sandbox_, writers_, delayed_, settings.secret} {
        router_.add(routes(services_));
        server_ = std::make_unique<http::Server>(options_of(settings), router_, readers_);
    }
    ~Impl() { stop(); }

    std::string url() const { return "http://" + server_->address(); }

    void stop() {
        delayed_.stop();
        server_->drain(patience);
        writers_.stop();
        readers_.stop();
    }

  private:
    sagas::Sandbox sandbox_;
    DelayedAnswers delayed_;
    http::Workers writers_;
    http::Workers readers_;
    Services services_;
    http::Router router_;
    std::unique_ptr<http::Server> server_;
};

Server::Server(ServerSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}

Server::~Server() = default;

std::string Server::url() const { return impl_->url(); }

void Server::stop() { impl_->stop(); }

}  // namespace skald::sandbox
