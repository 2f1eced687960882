#include "api/http/connection.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

#include "api/http/request_checks.h"
#include "diagnostics/logger.h"

namespace skald::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr std::size_t read_bytes = 16 * 1024;
constexpr std::chrono::milliseconds linger_time_max{1000};
constexpr std::chrono::milliseconds look_period{200};  // between looks whether a client is there
// Handlers know a request's deadline and say best what became of it; this is for those that do not.
constexpr std::chrono::milliseconds answer_grace{500};
// A header takes many times its bytes in memory; no client has this many.
constexpr std::size_t headers_max = 128;
constexpr std::size_t linger_bytes_max = 16 * 1024 * 1024;

// Whether a request line ends with a version that is well-formed, but not one we speak.
bool names_other_version(std::string_view text) {
    auto line = text.substr(0, text.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto blank = line.rfind(' ');
    if (blank == std::string_view::npos) return false;
    const auto version = line.substr(blank + 1);
    const auto digit = [&](std::size_t i) { return version[i] >= '0' && version[i] <= '9'; };
    return version.size() == 8 && version.starts_with("HTTP/") && digit(5) && version[6] == '.' &&
           digit(7) && version != "HTTP/1.0" && version != "HTTP/1.1";
}

std::size_t buffer_bytes_max(const ServerLimits& limits) {
    return limits.header_bytes_max + 2 * read_bytes;
}

}  // namespace

Connection::Connection(Socket socket, std::shared_ptr<IoThread> io,
                       std::shared_ptr<ServerState> state)
    : socket_(std::move(socket)),
      io_(std::move(io)),
      state_(std::move(state)),
      buffer_(buffer_bytes_max(state_->limits)) {
    state_->open->Increment();
    ++state_->connections;
}

Connection::~Connection() {
    state_->open->Decrement();
    const std::lock_guard lock(state_->mutex);
    if (--state_->connections == 0) state_->gone.notify_all();
}

Connection::Awaitable<void> Connection::serve(std::shared_ptr<Connection> self) {
    self->io_->connections.insert(self.get());
    try {
        if (!self->state_->draining) co_await self->converse();
    } catch (const std::exception& error) {
        diagnostics::log_error("connection failed", {{"error", error.what()}});
    }
    self->close();
    self->io_->connections.erase(self.get());
}

Connection::Awaitable<void> Connection::turn_away(std::shared_ptr<Connection> self) {
    self->io_->connections.insert(self.get());
    const Problem problem =
        unavailable("too_many_connections", "the server has as many connections as it can take");
    try {
        co_await self->refuse(problem);
    } catch (const std::exception& error) {
        diagnostics::log_error("connection failed", {{"error", error.what()}});
    }
    self->close();
    self->io_->connections.erase(self.get());
}

// A client that has gone, or only said that it sends no more, does not wait any longer; so the
// answer is what there is. Behind bytes of its next request its end is not seen.
void Connection::look_for_client(Clock::time_point now) {
    if (now < look_at_) return;
    look_at_ = now + look_period;
    char byte = 0;
    const auto got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    const bool there = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    if (there) return;
    look_at_ = Clock::time_point::max();
    if (const auto pending = pending_.lock()) pending->abandon();
}

void Connection::tick(Clock::time_point now) {
    if (phase_ == Phase::handling && !closed_) look_for_client(now);
    if (now < deadline_) return;
    switch (phase_) {
        case Phase::idle:
        case Phase::writing:
        case Phase::lingering:
            close();
            return;
        case Phase::header:
        case Phase::body: {
            timed_out_ = true;  // until the read notices
            error_code ignored;
            socket_.cancel(ignored);
            return;
        }
        case Phase::handling:
            deadline_ = Clock::time_point::max();
            if (const auto pending = pending_.lock()) pending->expire();
            return;
    }
}

void Connection::drain() {
    if (phase_ == Phase::idle) close();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
    wake_soon();
}

void Connection::enter(Phase phase, std::chrono::milliseconds time_max) {
    phase_ = phase;
    deadline_ = Clock::now() + time_max;
}

Connection::Awaitable<void> Connection::converse() {
    bool again = true;
    while (again) again = co_await exchange();
}

Connection::Awaitable<bool> Connection::exchange() {
    const auto& limits = state_->limits;
    if (buffer_.size() == 0) {
        enter(Phase::idle, limits.idle_time_max);
        if (state_->draining) co_return false;
        const auto first = co_await read_some();
        if (first != Got::bytes) co_return false;
    }
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    parser_->body_limit(limits.body_bytes_max);
    enter(Phase::header, limits.header_time_max);
    const auto got = co_await parse_head();
    if (got != Got::bytes) {
        co_await refuse_unread(got);
        co_return false;
    }
    if (const auto problem = check_head()) {
        co_await refuse(*problem);
        co_return false;
    }
    Framing framing;  // said by the headers, not by what may follow the body
    framing.http_1_0 = parser_->get().version() == 10;
    framing.keep_alive = parser_->keep_alive();
    const bool with_body = parser_->get().method() != beast::http::verb::head;
    enter(Phase::body, limits.body_time_max);
    const bool whole = co_await read_body();
    if (!whole) co_return false;

    co_await handle();
    if (closed_ || !response_) co_return false;
    framing.keep_alive = framing.keep_alive && !state_->draining;
    const Response response = std::move(*response_);
    const bool written = co_await write(response, framing, with_body);
    if (!written) co_return false;
    if (framing.keep_alive) co_return true;
    co_await linger();
    co_return false;
}

Connection::Awaitable<Connection::Got> Connection::read_some() {
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    auto space = buffer_.prepare(std::min(read_bytes, buffer_.max_size() - buffer_.size()));
    const auto bytes = co_await socket_.async_read_some(space, token);
    buffer_.commit(bytes);
    if (timed_out_) co_return Got::timeout;
    co_return failed || closed_ ? Got::end : Got::bytes;
}

// Hands what has been read to the parser, and adds to `taken` what it took of that.
Connection::Put Connection::put(std::size_t& taken) {
    if (buffer_.size() > 0) {
        parse_error_ = {};
        const auto used = parser_->put(buffer_.data(), parse_error_);
        buffer_.consume(used);
        taken += used;
        const bool lacks = parse_error_ == beast::http::error::need_more;
        if (parse_error_ && !lacks) return Put::malformed;
        if (!lacks && used > 0) return Put::done;
    }
    if (buffer_.size() + read_bytes <= buffer_.max_size()) return Put::needs_more;
    parse_error_ = beast::http::error::header_limit;  // a line that does not end
    return Put::malformed;
}

// The parser bounds what one call of it takes, not what all take together.
Connection::Awaitable<Connection::Got> Connection::parse_head() {
    std::size_t taken = 0;
    while (!parser_->is_header_done()) {
        const auto put_so_far = put(taken);
        if (put_so_far == Put::malformed) co_return Got::malformed;
        const auto waiting = parser_->is_header_done() ? 0 : buffer_.size();
        if (taken + waiting > state_->limits.header_bytes_max) {
            parse_error_ = beast::http::error::header_limit;
            co_return Got::malformed;
        }
        if (put_so_far == Put::done) continue;
        const auto got = co_await read_some();
        if (got != Got::bytes) co_return got;
    }
    co_return Got::bytes;
}

Connection::Awaitable<Connection::Got> Connection::parse_body() {
    if (!parser_->is_done()) body_room_ = std::make_shared<BodyRoom::Share>(state_->bodies);
    std::size_t taken = 0;
    while (!parser_->is_done()) {
        const auto put_so_far = put(taken);
        if (put_so_far == Put::malformed) co_return Got::malformed;
        if (!body_room_->grow_to(parser_->get().body().size())) co_return Got::no_room;
        if (put_so_far == Put::done) continue;
        const auto got = co_await read_some();
        if (got != Got::bytes) co_return got;
    }
    co_return Got::bytes;
}

std::optional<Problem> Connection::check_head() {
    const auto& message = parser_->get();
    if (message.version() != 10 && message.version() != 11) {
        return Problem{505, "version_not_supported", "this server speaks HTTP/1.1"};
    }
    headers_.clear();
    for (const auto& field : message) {
        if (headers_.size() == headers_max) {
            return Problem{431, "headers_too_large",
                           "there are more than " + std::to_string(headers_max) + " headers"};
        }
        headers_.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    if (auto problem = check_framing(headers_, message.version() == 10)) return problem;
    const auto expect = message.find(beast::http::field::expect);
    if (expect != message.end() && !beast::iequals(expect->value(), "100-continue")) {
        return Problem{417, "expectation_failed", "the only expectation known is 100-continue"};
    }
    return std::nullopt;
}

Connection::Awaitable<bool> Connection::read_body() {
    const bool expects = parser_->get().count(beast::http::field::expect) > 0;
    if (expects && !parser_->is_done() && buffer_.size() == 0 && parser_->get().version() == 11) {
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto bytes = asio::buffer(go_on);
        co_await asio::async_write(socket_, bytes, token);
    }
    const auto got = co_await parse_body();
    if (got == Got::bytes) co_return true;
    co_await refuse_unread(got);
    co_return false;
}

RawRequest Connection::take_request() {
    auto& message = parser_->get();
    RawRequest raw;
    raw.method = std::string(message.method_string());
    raw.target = std::string(message.target());
    raw.headers = std::move(headers_);
    raw.body = std::move(message.body());
    raw.body_room = std::move(body_room_);
    return raw;
}

Connection::Awaitable<void> Connection::handle() {
    phase_ = Phase::handling;
    deadline_ = Clock::time_point::max();
    look_at_ = Clock::now() + look_period;
    response_.reset();
    Respond deliver = [weak = weak_from_this(), io = io_](Response response) {
        if (io->context.get_executor().running_in_this_thread()) {
            const auto self = weak.lock();
            if (self) self->response_ = std::move(response);
            if (self) self->wake_soon();
            return;
        }
        asio::post(io->context, [weak, answer = std::move(response)]() mutable {
            const auto self = weak.lock();
            if (self) self->response_ = std::move(answer);
            const auto suspended = self ? std::move(self->suspended_) : nullptr;
            if (suspended) suspended->wake();
        });
    };
    pending_ = state_->dispatcher->handle(take_request(), std::move(deliver));
    if (response_ || closed_) co_return;
    if (const auto pending = pending_.lock()) {
        deadline_ = pending->request->deadline + answer_grace;
    }
    co_await suspend(suspended_);
}

// Not at once: its thread may be amid something that the connection's end would disturb.
void Connection::wake_soon() {
    if (!suspended_) return;
    asio::post(io_->context, [suspended = std::move(suspended_)] { suspended->wake(); });
}

Connection::Awaitable<bool> Connection::write(const Response& response, Framing framing,
                                              bool with_body) {
    enter(Phase::writing, state_->limits.write_time_max);
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    const auto head = head_of(response, framing);
    const bool has_body = with_body && may_have_body(response.status);
    const std::array<asio::const_buffer, 2> buffers{
        asio::buffer(head), has_body ? asio::buffer(response.body) : asio::const_buffer()};
    co_await asio::async_write(socket_, buffers, token);
    co_return !failed && !closed_;
}

Connection::Awaitable<void> Connection::refuse(const Problem& problem) {
    const auto response = state_->dispatcher->refuse(problem);
    Framing framing;
    framing.keep_alive = false;
    const bool written = co_await write(response, framing, true);
    if (written) co_await linger();
}

Connection::Awaitable<void> Connection::refuse_unread(Got got) {
    if (closed_) co_return;
    Problem problem{408, "request_timeout", "the request took too long to arrive"};
    if (got == Got::end) {
        problem = bad_request("malformed_request", "the request ended before it was whole");
    }
    if (got == Got::malformed) problem = problem_of_parse();
    if (got == Got::no_room) {
        body_room_.reset();
        problem = unavailable("overloaded", "the bodies of all requests take too much memory");
    }
    timed_out_ = false;
    co_await refuse(problem);
}

Problem Connection::problem_of_parse() const {
    using beast::http::error;
    if (parse_error_ == error::body_limit) {
        return {
            413, "body_too_large",
            "the body is larger than " + std::to_string(state_->limits.body_bytes_max) + " bytes"};
    }
    const std::string_view unread(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    if (parse_error_ == error::bad_version && names_other_version(unread)) {
        return {505, "version_not_supported", "this server speaks HTTP/1.1"};
    }
    if (parse_error_ == error::header_limit || parse_error_ == error::buffer_overflow) {
        const auto limit = std::to_string(state_->limits.header_bytes_max);
        if (parser_->get().target().empty()) {  // the request line itself did not end
            return {414, "target_too_long", "the request line is longer than 8192 bytes"};
        }
        return {431, "headers_too_large",
                "request line and headers are larger than " + limit + " bytes"};
    }
    return bad_request("malformed_request", "not HTTP: " + parse_error_.message());
}

// Lets the client read the answer: closing on bytes not read yet would reset the connection.
Connection::Awaitable<void> Connection::linger() {
    enter(Phase::lingering, linger_time_max);
    error_code failed;
    socket_.shutdown(Socket::shutdown_send, failed);
    std::size_t discarded = 0;
    while (!failed && discarded < linger_bytes_max) {
        buffer_.clear();
        const auto got = co_await read_some();
        if (got != Got::bytes) co_return;
        discarded += buffer_.size();
    }
}

}  // namespace skald::http
