#include "api/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/http/connection.h"
#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"

namespace skald::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds tick_period{50};
constexpr std::chrono::milliseconds accept_pause{50};  // when the process is out of descriptors

struct Address {
    std::string host;
    std::string port;
};

// "127.0.0.1:8080", "[::1]:8080", "localhost:0".
std::optional<Address> split_address(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
    Address address{text.substr(0, colon), text.substr(colon + 1)};
    if (address.host.front() == '[' && address.host.back() == ']') {
        address.host = address.host.substr(1, address.host.size() - 2);
    } else if (address.host.find(':') != std::string::npos) {
        return std::nullopt;
    }
    const bool digits = address.port.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || address.port.size() > 5 || std::stoi(address.port) > 65535) return std::nullopt;
    return address;
}

std::string to_text(const tcp::endpoint& endpoint) {
    const auto host = endpoint.address().to_string();
    const auto port = std::to_string(endpoint.port());
    return endpoint.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

}  // namespace

class Server::Impl {
  public:
    Impl(ServerOptions options, const Router& router, Workers& workers)
        : options_(std::move(options)), state_(std::make_shared<ServerState>(options_.limits)) {
        state_->open = &diagnostics::gauge("skald_http_connections", "Open connections",
                                           {{"server", options_.name}});
        state_->dispatcher =
            std::make_shared<Dispatcher>(options_.name, options_.limits.in_flight_max,
                                         options_.limits.waiting_max, router, workers);
        const auto threads = std::max<std::size_t>(1, options_.io_threads);
        for (std::size_t i = 0; i < threads; ++i) io_.push_back(std::make_shared<IoThread>());
        acceptor_.emplace(io_.front()->context);
        listen();
        asio::co_spawn(io_.front()->context, accept_all(), asio::detached);
        for (const auto& io : io_) start(io);
        diagnostics::log_info("listening", {{"server", options_.name}, {"address", address()}});
    }

    ~Impl() { drain(std::chrono::milliseconds(0)); }

    tcp::endpoint endpoint() const { return endpoint_; }
    std::string address() const { return to_text(endpoint_); }
    std::size_t connections() const { return state_->connections; }

    bool drain(std::chrono::milliseconds patience) {
        if (std::exchange(drained_, true)) return true;
        state_->draining = true;
        asio::post(io_.front()->context, [this] {
            error_code ignored;
            acceptor_->close(ignored);
            retry_->cancel();
        });
        on_all_connections(&Connection::drain);
        const bool clean = wait_until_gone(patience);
        if (!clean) {
            diagnostics::log_warning("connections cut off",
                                     {{"server", options_.name}, {"connections", connections()}});
            on_all_connections(&Connection::close);
            wait_until_gone(std::chrono::seconds(5));
        }
        for (const auto& io : io_) io->context.stop();
        for (const auto& io : io_) io->thread.join();
        return clean;
    }

  private:
    void listen() {
        const auto address = split_address(options_.listen);
        if (!address) {
            throw CannotListen("cannot listen on '" + options_.listen + "': set " +
                               options_.setting + " to host:port, such as 127.0.0.1:8080");
        }
        try {
            tcp::resolver resolver(io_.front()->context);
            const auto found =
                resolver.resolve(address->host, address->port, tcp::resolver::passive);
            const tcp::endpoint wanted = found.begin()->endpoint();
            acceptor_->open(wanted.protocol());
            acceptor_->set_option(tcp::acceptor::reuse_address(true));
            acceptor_->bind(wanted);
            acceptor_->listen(asio::socket_base::max_listen_connections);
            endpoint_ = acceptor_->local_endpoint();
        } catch (const boost::system::system_error& error) {
            const bool taken = error.code() == asio::error::address_in_use;
            throw CannotListen("cannot listen on " + options_.listen + ": " +
                               (taken
                                    ? "the port is in use; stop the program that holds it, or set "
                                    : error.code().message() + "; set ") +
                               options_.setting + " to another address");
        }
    }

    void start(const std::shared_ptr<IoThread>& io) {
        timers_.push_back(std::make_unique<asio::steady_timer>(io->context));
        tick(*io, *timers_.back());
        io->thread = std::thread([name = options_.name, io = io.get()] {
            while (true) {
                try {
                    io->context.run();
                    return;
                } catch (const std::exception& error) {
                    diagnostics::log_error("io thread",
                                           {{"server", name}, {"error", error.what()}});
                }
            }
        });
    }

    void tick(IoThread& io, asio::steady_timer& timer) {
        timer.expires_after(tick_period);
        timer.async_wait([this, &io, &timer](error_code failed) {
            if (failed) return;
            const auto now = Clock::now();
            for (auto* connection : io.connections) connection->tick(now);
            tick(io, timer);
        });
    }

    asio::awaitable<void> accept_all() {
        retry_.emplace(io_.front()->context);
        for (std::size_t n = 0; !state_->draining; ++n) {
            const auto& io = io_[n % io_.size()];
            std::string wrong;
            try {  // nothing that one connection lacks may end the taking of others
                Connection::Socket socket(io->context);
                error_code failed;
                auto token = asio::redirect_error(asio::use_awaitable, failed);
                co_await acceptor_->async_accept(socket, token);
                if (state_->draining) break;
                if (!failed) admit(std::move(socket), io);
                if (failed) wrong = failed.message();
            } catch (const std::exception& error) {
                wrong = error.what();
            }
            if (wrong.empty()) continue;
            diagnostics::log_warning("cannot accept",
                                     {{"server", options_.name}, {"error", wrong}});
            error_code ignored;
            auto token = asio::redirect_error(asio::use_awaitable, ignored);
            retry_->expires_after(accept_pause);
            co_await retry_->async_wait(token);
        }
    }

    void admit(Connection::Socket socket, const std::shared_ptr<IoThread>& io) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const auto connection = std::make_shared<Connection>(std::move(socket), io, state_);
        const std::size_t present = state_->connections;
        const auto connections_max = options_.limits.connections_max;
        if (present > connections_max + turned_away_max(connections_max)) return;
        auto life = present > connections_max ? Connection::turn_away(connection)
                                              : Connection::serve(connection);
        asio::co_spawn(io->context, std::move(life), asio::detached);
    }

    void on_all_connections(void (Connection::*action)()) {
        for (const auto& io : io_) {
            asio::post(io->context, [io = io.get(), action] {
                for (auto* connection : io->connections) (connection->*action)();
            });
        }
    }

    bool wait_until_gone(std::chrono::milliseconds patience) {
        std::unique_lock lock(state_->mutex);
        return state_->gone.wait_for(lock, patience, [&] { return connections() == 0; });
    }

    ServerOptions options_;
    std::shared_ptr<ServerState> state_;
    std::vector<std::shared_ptr<IoThread>> io_;
    std::optional<tcp::acceptor> acceptor_;
    std::optional<asio::steady_timer> retry_;
    std::vector<std::unique_ptr<asio::steady_timer>> timers_;
    tcp::endpoint endpoint_;
    bool drained_ = false;
};

Server::Server(ServerOptions options, const Router& router, Workers& workers)
    : impl_(std::make_unique<Impl>(std::move(options), router, workers)) {}
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->endpoint().port(); }

std::string Server::address() const { return impl_->address(); }

bool Server::drain(std::chrono::milliseconds patience) { return impl_->drain(patience); }

std::size_t Server::connections() const { return impl_->connections(); }

}  // namespace skald::http
