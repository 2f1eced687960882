#include "eventstore/postgres/pq.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <cstring>

#include "eventstore/postgres/sql.h"

namespace skald::pq {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Codes that say the server is going away, is not there yet, or has no room: the same as no
// connection.
bool means_lost(std::string_view sqlstate) {
    return sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "53300" ||
           sqlstate == "25P03";
}

std::string trimmed(const char* message) {
    std::string text = message == nullptr ? "" : message;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

// Parameters as libpq takes them: pointers into the Params, all binary.
struct Bound {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;

    explicit Bound(std::span<const std::optional<std::string>> from) : formats(from.size(), 1) {
        for (const auto& value : from) {
            values.push_back(value ? value->data() : nullptr);
            lengths.push_back(value ? static_cast<int>(value->size()) : 0);
        }
    }
};

std::string ms_text(milliseconds duration) { return std::to_string(duration.count()); }

}  // namespace

Connection::Connection(const Settings& settings)
    : conn_(nullptr, PQfinish), answer_timeout_(settings.answer_timeout) {
    try {
        connect(settings);
    } catch (const ConnectionLost& lost) {
        throw CannotConnect(lost.what());
    }
}

void Connection::connect(const Settings& settings) {
    const auto deadline = steady_clock::now() + settings.connect_timeout;
    const std::string timeout_s = std::to_string((settings.connect_timeout.count() + 999) / 1000);
    const std::string user_timeout = ms_text(settings.answer_timeout);
    const char* keys[] = {"dbname",           "application_name", "connect_timeout",
                          "tcp_user_timeout", "client_encoding",  nullptr};
    const char* values[] = {settings.conninfo.c_str(),
                            settings.application_name.c_str(),
                            timeout_s.c_str(),
                            user_timeout.c_str(),
                            "UTF8",
                            nullptr};
    conn_.reset(PQconnectStartParams(keys, values, 1));
    if (!conn_ || PQstatus(conn_.get()) == CONNECTION_BAD) lost("cannot connect");
    for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
         state = PQconnectPoll(conn_.get())) {
        if (state == PGRES_POLLING_FAILED) lost("cannot connect");
        wait_for_socket(state == PGRES_POLLING_WRITING, deadline);
    }
    if (PQsetnonblocking(conn_.get(), 1) != 0) lost("cannot set the connection up");
    PQsetNoticeReceiver(
        conn_.get(), [](void*, const PGresult*) {}, nullptr);

    prepared(eventstore_postgres::sql::session_settings,
             Params()
                 .text(ms_text(settings.statement_timeout))
                 .text(ms_text(settings.lock_timeout))
                 .text(ms_text(settings.idle_in_transaction_timeout))
                 .text(ms_text(settings.answer_timeout)));
    if (!settings.role.empty())
        query("SELECT set_config('role', $1, false)", Params().text(settings.role));
}

Connection::~Connection() = default;

void Connection::lost(const std::string& why) {
    lost_ = true;
    const auto detail = conn_ ? trimmed(PQerrorMessage(conn_.get())) : std::string();
    conn_.reset();
    throw ConnectionLost("PostgreSQL: " + why + (detail.empty() ? "" : ": " + detail));
}

bool Connection::usable() const {
    return !lost_ && conn_ && PQstatus(conn_.get()) == CONNECTION_OK;
}

void Connection::wait_for_socket(bool for_writing, Deadline deadline) {
    pollfd entry{PQsocket(conn_.get()), static_cast<short>(for_writing ? POLLOUT | POLLIN : POLLIN),
                 0};
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        if (left.count() <= 0) lost("no answer in time");
        const int ready = poll(&entry, 1, static_cast<int>(left.count()));
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR) lost(std::string("poll: ") + std::strerror(errno));
    }
}

void Connection::flush(Deadline deadline) {
    for (int left = PQflush(conn_.get()); left != 0; left = PQflush(conn_.get())) {
        if (left < 0) lost("connection lost");
        wait_for_socket(true, deadline);
        if (PQconsumeInput(conn_.get()) == 0) lost("connection lost");
    }
}

Rows Connection::finish(Deadline deadline) {
    flush(deadline);
    std::unique_ptr<pg_result, void (*)(pg_result*)> last(nullptr, PQclear);
    std::optional<Error> error;
    for (;;) {
        while (PQisBusy(conn_.get()) != 0) {
            wait_for_socket(false, deadline);
            if (PQconsumeInput(conn_.get()) == 0) lost("connection lost");
        }
        std::unique_ptr<pg_result, void (*)(pg_result*)> result(PQgetResult(conn_.get()), PQclear);
        if (!result) break;
        const auto status = PQresultStatus(result.get());
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            const char* code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
            // The primary message only: details may quote the row, and with it personal data.
            const auto message = trimmed(PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY));
            if (code == nullptr || means_lost(code))
                lost(message.empty() ? "connection lost" : message);
            error.emplace(code, message);
        }
        last = std::move(result);
    }
    if (PQstatus(conn_.get()) != CONNECTION_OK) lost("connection lost");
    if (error) throw *error;
    if (!last) lost("no answer");
    return Rows(last.release());
}

Rows Connection::query(std::string_view sql, const Params& params) {
    if (!usable()) lost("the connection was lost before");
    const Bound bound(params.values_);
    const auto deadline = steady_clock::now() + answer_timeout_;
    if (PQsendQueryParams(conn_.get(), std::string(sql).c_str(), static_cast<int>(params.size()),
                          params.types_.data(), bound.values.data(), bound.lengths.data(),
                          bound.formats.data(), 1) == 0) {
        lost("cannot send");
    }
    return finish(deadline);
}

Rows Connection::prepared(std::string_view sql, const Params& params) {
    if (!usable()) lost("the connection was lost before");
    const auto deadline = steady_clock::now() + answer_timeout_;
    const std::string text(sql);
    auto statement = statements_.find(text);
    if (statement == statements_.end()) {
        const auto name = "s" + std::to_string(statements_.size());
        if (PQsendPrepare(conn_.get(), name.c_str(), text.c_str(), static_cast<int>(params.size()),
                          params.types_.data()) == 0) {
            lost("cannot send");
        }
        finish(deadline);
        statement = statements_.emplace(text, name).first;
    }
    const Bound bound(params.values_);
    if (PQsendQueryPrepared(conn_.get(), statement->second.c_str(), static_cast<int>(params.size()),
                            bound.values.data(), bound.lengths.data(), bound.formats.data(),
                            1) == 0) {
        lost("cannot send");
    }
    return finish(deadline);
}

void Connection::script(std::string_view sql) {
    if (!usable()) lost("the connection was lost before");
    const auto deadline = steady_clock::now() + answer_timeout_;
    if (PQsendQuery(conn_.get(), std::string(sql).c_str()) == 0) lost("cannot send");
    finish(deadline);
}

Transaction::Transaction(Connection& connection, std::string_view mode) : connection_(connection) {
    connection_.script("BEGIN " + std::string(mode));
}

Transaction::~Transaction() {
    if (!open_ || !connection_.usable()) return;
    try {
        connection_.script("ROLLBACK");
    } catch (const std::exception&) {  // the connection is lost now, and the transaction with it
    }
}

void Transaction::commit() {
    open_ = false;
    connection_.script("COMMIT");
}

Connection& Session::get() {
    if (connection_ && connection_->usable()) return *connection_;
    connection_.reset();
    connection_ = std::make_unique<Connection>(settings_);
    ++connections_made_;
    return *connection_;
}

}  // namespace skald::pq
