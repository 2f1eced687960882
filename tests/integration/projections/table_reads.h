// What queries read of the tables of read models, by PostgreSQL's own statistics.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

#include "projections/reading/reading.h"
#include "tests/support/database.h"

namespace skald::tests {

// Since the database was made.
struct Reads {
    std::int64_t scans = 0;    // of whole tables
    std::int64_t scanned = 0;  // the rows of those
    std::int64_t rows = 0;     // through indexes, counted in the index and in the table
};

class TableReads {
  public:
    TableReads(Database& database, projections::Progress& progress, std::int32_t partitions)
        : database_(database), progress_(progress), partitions_(partitions) {}

    // Runs the queries on connections of their own, and tells what they read of the tables whose
    // names are LIKE `table`.
    template <class Queries>
    Reads of(const std::string& table, Queries queries) {
        have_all_counted();
        const auto before = counted(table);
        {
            auto measured = database_.reader();
            measured.application_name = "measured";
            projections::PgPool pool(measured, 1);
            projections::Reading reading{pool, progress_, partitions_, nullptr};
            queries(reading);
        }
        // A session's statistics are there once it has ended.
        while (database_.admin()
                   .query("SELECT count(*) FROM pg_stat_activity "
                          "WHERE application_name = 'measured' AND datname = current_database()")
                   .int8(0, 0) > 0)
            std::this_thread::yield();
        const auto after = counted(table);
        return {after.scans - before.scans, after.scanned - before.scanned,
                after.rows - before.rows};
    }

  private:
    // What a session has counted is there at the latest when it ends, and up to ten seconds late
    // before: what made and filled the tables (an index that is built reads its table once) must
    // not be counted among what is measured.
    void have_all_counted() {
        database_.admin().query("SELECT pg_stat_force_next_flush()");
        const std::string others =
            "FROM pg_stat_activity WHERE datname = current_database() AND "
            "backend_type = 'client backend' AND pid <> pg_backend_pid()";
        database_.admin().query("SELECT pg_terminate_backend(pid) " + others);
        while (database_.admin().query("SELECT count(*) " + others).int8(0, 0) > 0)
            std::this_thread::yield();
    }
    Reads counted(const std::string& table) {
        database_.admin().query("SELECT pg_stat_clear_snapshot()");
        const auto rows = database_.admin().query(
            "SELECT coalesce(sum(seq_scan), 0)::bigint, coalesce(sum(seq_tup_read), 0)::bigint, "
            "coalesce(sum(coalesce(idx_tup_fetch, 0) + "
            "coalesce((SELECT sum(i.idx_tup_read) FROM pg_stat_user_indexes AS i "
            "WHERE i.relid = t.relid), 0)), 0)::bigint "
            "FROM pg_stat_user_tables AS t "
            "WHERE t.schemaname = 'skald_read' AND t.relname LIKE $1",
            pq::Params().text(table));
        return {rows.int8(0, 0), rows.int8(0, 1), rows.int8(0, 2)};
    }

    Database& database_;
    projections::Progress& progress_;
    std::int32_t partitions_;
};

}  // namespace skald::tests
