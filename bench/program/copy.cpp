// COPY, which eventstore/postgres/pq.h does not know because nothing in Skald copies: through libpq
// itself, whose functions block.
#include <libpq-fe.h>

#include <memory>
#include <stdexcept>

#include "bench/program/controls.h"
#include "bench/program/sql.h"

namespace skald::bench {
namespace {

constexpr int rows_per_commit = 10'000;

using PgConnection = std::unique_ptr<PGconn, void (*)(PGconn*)>;

void expect(const PgConnection& connection, PGresult* answer, ExecStatusType wanted) {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(answer, PQclear);
    if (PQresultStatus(result.get()) != wanted)
        throw std::runtime_error(std::string("COPY: ") + PQerrorMessage(connection.get()));
}

void run_statement(const PgConnection& connection, std::string_view text, ExecStatusType wanted) {
    expect(connection, PQexec(connection.get(), std::string(text).c_str()), wanted);
}

PgConnection connect_for_copy(const std::string& conninfo) {
    PgConnection connection(PQconnectdb(conninfo.c_str()), PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK)
        throw std::runtime_error(PQerrorMessage(connection.get()));
    return connection;
}

void add_number(std::string& to, std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        to.push_back(static_cast<char>(value >> shift));
}

void add_field(std::string& to, std::string_view value) {
    add_number(to, value.size(), 4);
    to += value;
}

// The binary format of COPY ("Binary Format" in PostgreSQL's page on COPY): signature, flags,
// extension; per row the number of fields and each with its length; -1 at the end.
std::string rows_to_copy(const RowShape& shape) {
    std::string all("PGCOPY\n\377\r\n\0", 11);
    add_number(all, 0, 8);
    for (int i = 0; i < rows_per_commit; ++i) {
        const auto id = eventstore::fresh_command_id().value();
        add_number(all, 6, 2);
        add_field(all, "stock-BENCH-00000");
        add_field(all, shape.type);
        add_field(all, {reinterpret_cast<const char*>(id.data), sizeof id.data});
        add_number(all, 8, 4);
        add_number(all, static_cast<std::uint64_t>(i), 8);  // microseconds of the year 2000
        add_field(all, std::string(static_cast<std::size_t>(shape.meta_bytes), 'm'));
        add_field(all, std::string(static_cast<std::size_t>(shape.data_bytes), 'd'));
    }
    add_number(all, 0xFFFF, 2);
    return all;
}

std::uint64_t copy_all_out(const PgConnection& connection) {
    run_statement(connection, sql::copy_out, PGRES_COPY_OUT);
    std::uint64_t rows = 0;
    char* row = nullptr;
    while (PQgetCopyData(connection.get(), &row, 0) > 0) {
        PQfreemem(row);
        ++rows;
    }
    expect(connection, PQgetResult(connection.get()), PGRES_COMMAND_OK);
    while (PQgetResult(connection.get()) != nullptr) {
    }
    return rows - 1;  // the last one is the end mark
}

}  // namespace

Sample copy_in(ServerCpu& server, const std::string& conninfo, const RowShape& shape,
               Seconds time) {
    const auto connection = connect_for_copy(conninfo);
    const auto rows = rows_to_copy(shape);
    return measured(server, [&](Sample& sample) {
        const auto end = Clock::now() + time;
        for (auto now = Clock::now(); now < end;) {
            run_statement(connection, sql::copy_in, PGRES_COPY_IN);
            if (PQputCopyData(connection.get(), rows.data(), static_cast<int>(rows.size())) != 1 ||
                PQputCopyEnd(connection.get(), nullptr) != 1)
                throw std::runtime_error(PQerrorMessage(connection.get()));
            expect(connection, PQgetResult(connection.get()), PGRES_COMMAND_OK);
            while (PQgetResult(connection.get()) != nullptr) {
            }
            const auto then = std::exchange(now, Clock::now());
            sample.latency.record(now - then);
            sample.operations += rows_per_commit;
        }
    });
}

Sample copy_out(ServerCpu& server, const std::string& conninfo, Seconds time) {
    const auto connection = connect_for_copy(conninfo);
    return measured(server, [&](Sample& sample) {
        const auto end = Clock::now() + time;
        for (auto now = Clock::now(); now < end;) {
            sample.operations += copy_all_out(connection);
            const auto then = std::exchange(now, Clock::now());
            sample.latency.record(now - then);
        }
    });
}

}  // namespace skald::bench
