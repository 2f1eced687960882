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
    : conn_(nullptr, PQfinish),
      answer_timeout_(settings.answer_timeout),
      before_waiting_(settings.before_waiting) {
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
    if (before_waiting_) before_waiting_();
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

Connection::Result Connection::next_result(Deadline deadline) {
    while (PQisBusy(conn_.get()) != 0) {
        wait_for_socket(false, deadline);
        if (PQconsumeInput(conn_.get()) == 0) lost("connection lost");
    }
    return {PQgetResult(conn_.get()), PQclear};
}

std::optional<Error> Connection::error_in(const Result& result) {
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE) return std::nullopt;
    const char* code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    // The primary message only: details may quote the row, and with it personal data.
    const auto message = trimmed(PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY));
    if (code == nullptr || means_lost(code)) lost(message.empty() ? "connection lost" : message);
    return Error(code, message);
}

Rows Connection::finish(Deadline deadline) {
    flush(deadline);
    Result last(nullptr, PQclear);
    std::optional<Error> error;
    while (auto result = next_result(deadline)) {
        if (auto found = error_in(result)) error.emplace(std::move(*found));
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

void Connection::send_prepare(const std::string& name, std::string_view sql, const Params& params) {
    if (PQsendPrepare(conn_.get(), name.c_str(), std::string(sql).c_str(),
                      static_cast<int>(params.size()), params.types_.data()) == 0) {
        lost("cannot send");
    }
}

void Connection::send_prepared(const std::string& name, const Params& params) {
    const Bound bound(params.values_);
    if (PQsendQueryPrepared(conn_.get(), name.c_str(), static_cast<int>(params.size()),
                            bound.values.data(), bound.lengths.data(), bound.formats.data(),
                            1) == 0) {
        lost("cannot send");
    }
}

Rows Connection::prepared(std::string_view sql, const Params& params) {
    if (!usable()) lost("the connection was lost before");
    const auto deadline = steady_clock::now() + answer_timeout_;
    auto statement = statements_.find(sql);
    if (statement == statements_.end()) {
        const auto name = "s" + std::to_string(statements_.size());
        send_prepare(name, sql, params);
        finish(deadline);
        statement = statements_.emplace(sql, name).first;
    }
    send_prepared(statement->second, params);
    return finish(deadline);
}

// libpq's pipeline mode: each request has its results and then a null, the synchronization behind
// them one result of its own; behind an error all results say that they were skipped
// (postgresql.org/docs/15/libpq-pipeline-mode.html).
std::vector<Rows> Connection::together(std::span<const Statement> statements) {
    if (statements.empty()) return {};
    if (!usable()) lost("the connection was lost before");
    auto deadline = steady_clock::now() + answer_timeout_;
    if (PQenterPipelineMode(conn_.get()) == 0) lost("cannot begin a pipeline");
    // What has to be prepared on the way; it is known once the server said so.
    std::unordered_map<std::string_view, std::string> fresh;
    std::vector<bool> prepares;
    for (const auto& [sql, params] : statements) {
        const auto known = statements_.find(sql);
        auto name = known == statements_.end() ? fresh[sql] : known->second;
        prepares.push_back(name.empty());
        if (name.empty()) {
            name = "s" + std::to_string(statements_.size() + fresh.size() - 1);
            send_prepare(fresh[sql] = name, sql, params);
        }
        send_prepared(name, params);
        // Or the server keeps its answers until the last one, and seems not to answer at all.
        if (PQsendFlushRequest(conn_.get()) == 0) lost("cannot send");
    }
    if (PQpipelineSync(conn_.get()) == 0) lost("cannot send");
    flush(deadline);

    std::vector<Rows> answers;
    std::optional<Error> error;
    const auto take = [&](std::size_t which) {
        Result last(nullptr, PQclear);
        while (auto result = next_result(deadline)) {
            if (auto found = error_in(result); found && !error)
                error.emplace(found->sqlstate, found->what(), which);
            last = std::move(result);
        }
        if (!last) lost("no answer");
        // Each has its own time at the server, too, whose end is an Error and no lost connection.
        deadline = steady_clock::now() + answer_timeout_;
        return last;
    };
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const auto sql = statements[i].sql;
        if (prepares[i] && PQresultStatus(take(i).get()) == PGRES_COMMAND_OK)
            statements_.emplace(sql, fresh.at(sql));
        answers.emplace_back(take(i).release());
    }
    if (PQresultStatus(next_result(deadline).get()) != PGRES_PIPELINE_SYNC ||
        PQexitPipelineMode(conn_.get()) == 0 || PQstatus(conn_.get()) != CONNECTION_OK) {
        lost("the pipeline did not end");
    }
    if (error) throw *error;
    return answers;
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

Transaction::Transaction(Connection& connection, std::vector<Statement> first)
    : connection_(connection) {
    first.insert(first.begin(), Statement{"BEGIN"});
    try {
        answers_ = connection_.together(first);
    } catch (const Error& error) {
        roll_back();
        throw Error(error.sqlstate, error.what(), error.statement - 1);
    }
}

Transaction::~Transaction() {
    if (open_) roll_back();
}

void Transaction::roll_back() {
    if (!connection_.usable()) return;
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
