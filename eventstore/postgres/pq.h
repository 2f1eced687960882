// PostgreSQL through libpq, in its binary format, with a deadline on every call; the only place
// that includes libpq. A Connection belongs to one thread at a time. It never reconnects by itself:
// once lost it stays lost, because only the caller knows whether the work that was cut off may be
// repeated.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventstore/log.h"
#include "eventstore/postgres/pq_array.h"

struct pg_conn;
struct pg_result;

namespace skald::pq {

using eventstore::Uuid;

// The server answered with an error. `sqlstate` is its five-character code.
struct Error : std::runtime_error {
    Error(std::string state, const std::string& message, std::size_t which = 0)
        : std::runtime_error(message), sqlstate(std::move(state)), statement(which) {}
    std::string sqlstate;
    std::size_t statement;  // which of those that were sent together
};

// The connection is gone or gave no answer in time: whether the statement took effect is unknown.
struct ConnectionLost : eventstore::Unavailable {
    using Unavailable::Unavailable;
};

struct CannotConnect : eventstore::NotSent {
    using NotSent::NotSent;
};

// The parameters $1, $2, ... of a statement, in the order they are added.
class Params {
  public:
    Params& int2(std::int16_t value);
    Params& int4(std::int32_t value);
    Params& int8(std::int64_t value);
    Params& float8(double value);
    Params& boolean(bool value);
    Params& text(std::string_view value);
    Params& bytea(std::string_view value);
    Params& uuid(const Uuid& value);
    // Microseconds since the Unix epoch, as timestamptz.
    Params& timestamp(std::int64_t unix_us);
    // A null of the type the statement itself implies (write $n::type where it implies none).
    Params& null();
    Params& optional_text(const std::optional<std::string>& value) {
        return value ? text(*value) : null();
    }

    Params& int2_array(std::span<const std::int16_t> values);
    Params& int4_array(std::span<const std::int32_t> values);
    Params& int8_array(std::span<const std::int64_t> values);
    Params& bool_array(const std::vector<bool>& values);
    Params& text_array(std::span<const std::string> values);
    Params& text_array(std::span<const std::optional<std::string>> values);
    Params& text_array(std::span<const std::optional<std::string_view>> values);
    Params& bytea_array(std::span<const std::string> values);
    Params& uuid_array(std::span<const Uuid> values);
    Params& timestamp_array(std::span<const std::int64_t> unix_us);
    Params& array(Array values);

    std::size_t size() const { return values_.size(); }

  private:
    friend class Connection;
    Params& add(std::uint32_t type, std::string value);

    std::vector<std::uint32_t> types_;
    std::vector<std::optional<std::string>> values_;
};

// One of several that are sent together. The text outlives it.
struct Statement {
    std::string_view sql;
    Params params = {};
};

// The rows of an answer. Getters check the column's type; asking for another is a bug in the caller
// (std::logic_error).
class Rows {
  public:
    explicit Rows(pg_result* result);
    int size() const;
    bool empty() const { return size() == 0; }
    int columns() const;
    // Rows that an INSERT, UPDATE or DELETE changed.
    std::int64_t affected() const;

    bool is_null(int row, int column) const;
    std::int16_t int2(int row, int column) const;
    std::int32_t int4(int row, int column) const;
    std::int64_t int8(int row, int column) const;
    double float8(int row, int column) const;
    bool boolean(int row, int column) const;
    std::string text(int row,
                     int column) const;  // text, varchar, name, json; cast anything else to text
    std::string_view text_view(int row, int column) const;  // valid as long as these Rows
    std::string bytea(int row, int column) const;
    Uuid uuid(int row, int column) const;
    std::int64_t timestamp(int row, int column) const;  // microseconds since the Unix epoch
    std::vector<std::int64_t> int8_array(int row, int column) const;
    std::vector<std::int16_t> int2_array(int row, int column) const;
    std::optional<std::string> optional_text(int row, int column) const;

  private:
    std::string_view raw(int row, int column, std::span<const std::uint32_t> types) const;
    std::shared_ptr<pg_result> result_;
};

struct Settings {
    std::string conninfo;  // a libpq URI or key=value text
    std::string role;      // SET ROLE after logging in; empty: stay
    std::string application_name = "skald";
    std::chrono::milliseconds connect_timeout{3000};
    std::chrono::milliseconds answer_timeout{
        10000};  // client side: no answer by then = ConnectionLost
    std::chrono::milliseconds statement_timeout{8000};  // server side
    std::chrono::milliseconds lock_timeout{5000};
    std::chrono::milliseconds idle_in_transaction_timeout{2000};
    std::function<void()> before_waiting = {};  // called each time before the server is waited for
};

class Connection {
  public:
    explicit Connection(const Settings& settings);  // throws CannotConnect, Error
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // One statement, planned anew each time.
    Rows query(std::string_view sql, const Params& params = {});
    // The same, prepared on first use of this text on this connection.
    Rows prepared(std::string_view sql, const Params& params = {});
    // All of these in one round trip, each prepared on first use; the answers in the same order.
    // Outside of a transaction they are one. The server runs none behind the first that fails,
    // whose Error is thrown once all are answered.
    std::vector<Rows> together(std::span<const Statement> statements);
    // Several statements separated by semicolons, without parameters or rows (migrations, SET).
    void script(std::string_view sql);
    bool usable() const;
    void set_answer_timeout(std::chrono::milliseconds timeout) { answer_timeout_ = timeout; }

  private:
    using Deadline = std::chrono::steady_clock::time_point;
    using Result = std::unique_ptr<pg_result, void (*)(pg_result*)>;
    struct TextHash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    void connect(const Settings& settings);
    void wait_for_socket(bool for_writing, Deadline deadline);
    void flush(Deadline deadline);
    Result next_result(Deadline deadline);
    std::optional<Error> error_in(const Result& result);
    Rows finish(Deadline deadline);
    void send_prepare(const std::string& name, std::string_view sql, const Params& params);
    void send_prepared(const std::string& name, const Params& params);
    [[noreturn]] void lost(const std::string& why);

    std::unique_ptr<pg_conn, void (*)(pg_conn*)> conn_;
    std::chrono::milliseconds answer_timeout_;
    std::function<void()> before_waiting_;
    std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> statements_;
    bool lost_ = false;
};

// BEGIN .. COMMIT around a scope; rolls back (or drops the connection) when commit() was not
// reached.
class Transaction {
  public:
    // `mode`: what follows BEGIN, such as "ISOLATION LEVEL REPEATABLE READ READ ONLY".
    explicit Transaction(Connection& connection, std::string_view mode = "");
    // Begins with these statements, which go to the server together with BEGIN.
    Transaction(Connection& connection, std::vector<Statement> first);
    ~Transaction();
    // Of the statements it began with.
    std::span<const Rows> answers() const { return std::span(answers_).subspan(1); }
    void commit();

  private:
    void roll_back();

    Connection& connection_;
    std::vector<Rows> answers_;
    bool open_ = true;
};

// A connection that is made on demand and thrown away once lost.
class Session {
  public:
    explicit Session(Settings settings) : settings_(std::move(settings)) {}
    // See Settings; of the connections yet to be made.
    void tell_before_waiting(std::function<void()> call) {
        settings_.before_waiting = std::move(call);
    }
    // The live connection; makes one when there is none.
    Connection& get();
    void drop() { connection_.reset(); }
    std::uint64_t connections_made() const { return connections_made_; }

  private:
    Settings settings_;
    std::unique_ptr<Connection> connection_;
    std::uint64_t connections_made_ = 0;
};

}  // namespace skald::pq
