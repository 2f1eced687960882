#include "sagas/providers/http_transport.h"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <mutex>
#include <optional>

#include "sagas/providers/name_lookup.h"

namespace skald::sagas {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

HttpFailure before_sending(std::string why) { return {.maybe_sent = false, .why = std::move(why)}; }

// One connection, used by one thread at a time. A step that is not done by its deadline is cut off.
class Connection {
  public:
    explicit Connection(asio::ssl::context* tls) : socket_(context_) {
        if (tls != nullptr) tls_.emplace(socket_, *tls);
    }

    std::optional<HttpFailure> connect(const std::vector<tcp::endpoint>& endpoints,
                                       const HttpUrl& url, Time deadline) {
        auto failed =
            await(deadline, [&](auto done) { asio::async_connect(socket_, endpoints, done); });
        if (failed) return before_sending("connect: " + failed.message());
        socket_.set_option(tcp::no_delay(true), failed);
        if (!tls_) return std::nullopt;
        name_server(url.host);
        tls_->set_verify_callback(asio::ssl::host_name_verification(url.host));
        failed = await(deadline, [&](auto done) {
            tls_->async_handshake(asio::ssl::stream_base::client, done);
        });
        if (failed) return before_sending("TLS: " + failed.message());
        return std::nullopt;
    }

    Result<HttpReply, HttpFailure> exchange(http::request<http::string_body>& request,
                                            std::size_t answer_bytes_max, Time deadline) {
        if (Clock::now() >= deadline) return unexpected(before_sending("no time was left"));
        http::response_parser<http::string_body> parser;
        parser.header_limit(16 * 1024);  // bytes
        parser.body_limit(answer_bytes_max);
        auto failed = await(deadline, [&](auto done) {
            tls_ ? http::async_write(*tls_, request, done)
                 : http::async_write(socket_, request, done);
        });
        if (failed) return unexpected(HttpFailure{.why = "send: " + failed.message()});
        failed = await(deadline, [&](auto done) {
            tls_ ? http::async_read(*tls_, buffer_, parser, done)
                 : http::async_read(socket_, buffer_, parser, done);
        });
        if (failed) return unexpected(HttpFailure{.why = "receive: " + failed.message()});
        const auto status = static_cast<int>(parser.get().result_int());
        reusable_ = parser.keep_alive() && buffer_.size() == 0 && status >= 200;
        idle_since_ = Clock::now();
        return HttpReply{status, std::move(parser.get().body())};
    }

    // Whether another request may go over it: nothing has come since its answer, not even its end.
    bool is_reusable(std::chrono::milliseconds idle_max) {
        if (!reusable_ || Clock::now() - idle_since_ > idle_max) return false;
        char byte = 0;
        const auto n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }

  private:
    // An address is no name (RFC 6066, 3). By hand, for SSL_set_tlsext_host_name casts as in C.
    void name_server(std::string host) {
        error_code is_name;
        asio::ip::make_address(host, is_name);
        if (!is_name) return;
        SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, host.data());
    }

    template <class Start>
    error_code await(Time deadline, const Start& start) {
        std::optional<error_code> result;
        context_.restart();
        start([&result](error_code failed, const auto&...) { result = failed; });
        context_.run_until(deadline);
        if (result) return *result;
        while (!result) {  // again and again, for a connect goes on to the next address
            error_code ignored;
            socket_.close(ignored);
            context_.restart();
            context_.run_one();
        }
        return asio::error::timed_out;
    }

    asio::io_context context_{1};
    tcp::socket socket_;
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    boost::beast::flat_buffer buffer_;
    bool reusable_ = false;
    Time idle_since_{};
};

}  // namespace

class HttpTransport::Impl {
  public:
    explicit Impl(HttpTransportSettings settings) : settings_(std::move(settings)) {
        if (!settings_.url.tls) return;
        tls_.emplace(asio::ssl::context::tls_client);
        SSL_CTX_set_min_proto_version(tls_->native_handle(), TLS1_2_VERSION);
        tls_->set_verify_mode(asio::ssl::verify_peer);
        settings_.ca_file.empty() ? tls_->set_default_verify_paths()
                                  : tls_->load_verify_file(settings_.ca_file);
    }

    Result<HttpReply, HttpFailure> exchange(const HttpRequest& request,
                                            std::chrono::milliseconds timeout) {
        const auto deadline = Clock::now() + timeout;
        auto message = message_of(request);
        auto connection = take_idle();
        if (!connection) {
            const auto endpoints = find_endpoints(deadline);
            if (!endpoints) return unexpected(endpoints.error());
            connection = std::make_unique<Connection>(tls_ ? &*tls_ : nullptr);
            auto failed = connection->connect(*endpoints, settings_.url, deadline);
            if (failed) return unexpected(*std::move(failed));
        }
        auto reply = connection->exchange(message, settings_.answer_bytes_max, deadline);
        if (reply) keep(std::move(connection));
        return reply;
    }

  private:
    http::request<http::string_body> message_of(const HttpRequest& request) const {
        http::request<http::string_body> message;
        message.method_string(request.method);
        message.target(settings_.url.path + request.path);
        message.version(11);
        message.set(http::field::host, settings_.url.authority());
        for (const auto& [name, value] : request.headers) message.set(name, value);
        message.body() = request.body;
        message.prepare_payload();
        return message;
    }

    Result<std::vector<tcp::endpoint>, HttpFailure> find_endpoints(Time deadline) {
        const auto addresses = names_.find(settings_.url.host, deadline);
        if (!addresses) return unexpected(before_sending("name: " + addresses.error()));
        const auto port = static_cast<std::uint16_t>(std::stoi(settings_.url.port));
        std::vector<tcp::endpoint> found;
        for (const auto& text : *addresses) found.emplace_back(asio::ip::make_address(text), port);
        return found;
    }

    std::unique_ptr<Connection> take_idle() {
        const std::lock_guard lock(mutex_);
        while (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            if (connection->is_reusable(settings_.idle_max)) return connection;
        }
        return nullptr;
    }

    void keep(std::unique_ptr<Connection> connection) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() >= settings_.idle_connections_max) return;
        if (connection->is_reusable(settings_.idle_max)) idle_.push_back(std::move(connection));
    }

    const HttpTransportSettings settings_;
    std::optional<asio::ssl::context> tls_;
    NameLookup names_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Connection>> idle_;
};

HttpTransport::HttpTransport(HttpTransportSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}

HttpTransport::~HttpTransport() = default;

Result<HttpReply, HttpFailure> HttpTransport::exchange(const HttpRequest& request,
                                                       std::chrono::milliseconds timeout) {
    return impl_->exchange(request, timeout);
}

}  // namespace skald::sagas
