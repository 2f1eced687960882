// One connection of a Server: reads requests, hands them on, writes answers, in order, one at a
// time. Lives on one IO thread; only the answer to a request may come from another, and is posted
// over.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "api/http/body_room.h"
#include "api/http/dispatch.h"
#include "api/http/server.h"
#include "api/http/suspended.h"
#include "api/http/wire.h"
#include "diagnostics/metrics.h"

namespace skald::http {

class Connection;

// An IO thread has a context of its own, so that what it runs needs no locks. `connections` is its
// own.
struct IoThread {
    std::set<Connection*> connections;
    boost::asio::io_context context{1};
    std::thread thread;
};

// What the connections of a server share.
struct ServerState {
    explicit ServerState(const ServerLimits& given)
        : limits(given), bodies(std::make_shared<BodyRoom>(given.bodies_bytes_max)) {}
    const ServerLimits limits;
    const std::shared_ptr<BodyRoom> bodies;
    std::shared_ptr<Dispatcher> dispatcher;
    std::atomic<bool> draining = false;
    std::atomic<std::size_t> connections = 0;
    std::mutex mutex;  // of `gone`, which is told when the last connection ends
    std::condition_variable gone;
    prometheus::Gauge* open = nullptr;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Socket = boost::asio::ip::tcp::socket;
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    Connection(Socket socket, std::shared_ptr<IoThread> io, std::shared_ptr<ServerState> state);
    ~Connection();

    // Runs the connection to its end.
    static Awaitable<void> serve(std::shared_ptr<Connection> self);
    // Answers 503 to whatever comes, and closes: there are too many connections.
    static Awaitable<void> turn_away(std::shared_ptr<Connection> self);

    // The following are called on the connection's thread.
    // Ends the present phase when its time is over.
    void tick(Clock::time_point now);
    // Closes it if no request is under way.
    void drain();
    void close();

  private:
    enum class Phase { idle, header, body, handling, writing, lingering };
    enum class Got { bytes, end, timeout, malformed, no_room };
    enum class Put { done, needs_more, malformed };
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void enter(Phase phase, std::chrono::milliseconds time_max);
    Awaitable<void> converse();
    Awaitable<bool> exchange();  // one request and its answer; false: that was the last
    Awaitable<Got> read_some();
    Awaitable<Got> parse_head();
    Awaitable<Got> parse_body();
    Put put(std::size_t& taken);
    Awaitable<bool> read_body();
    Awaitable<void> handle();
    Awaitable<bool> write(const Response& response, Framing framing, bool with_body);
    Awaitable<void> refuse(const Problem& problem);
    Awaitable<void> refuse_unread(Got got);
    Awaitable<void> linger();
    std::optional<Problem> check_head();
    RawRequest take_request();
    Problem problem_of_parse() const;
    void wake_soon();
    void look_for_client(Clock::time_point now);

    Socket socket_;
    std::shared_ptr<IoThread> io_;
    std::shared_ptr<ServerState> state_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    boost::system::error_code parse_error_;
    Pairs headers_;  // those before the body
    std::shared_ptr<BodyRoom::Share> body_room_;
    std::unique_ptr<Suspended> suspended_;  // what waits for the answer
    std::optional<Response> response_;
    std::weak_ptr<Pending> pending_;
    Phase phase_ = Phase::idle;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point look_at_;  // for the client, while its request is handled
    bool timed_out_ = false;
    bool closed_ = false;
};

}  // namespace skald::http
