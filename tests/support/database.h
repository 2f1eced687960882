// A fresh, migrated database on the test run's own PostgreSQL server, dropped again at the end. The
// server is named by SKALD_TEST_PG: the owner's conninfo URI, whose login may create databases and
// roles.
#pragma once

#include <string>
#include <vector>

#include "eventstore/postgres/migrate.h"
#include "eventstore/postgres/pg_log.h"

namespace skald::tests {

class Database {
  public:
    // With the log's migrations and `more` of other modules.
    explicit Database(std::int32_t partitions = 16,
                      std::span<const eventstore::Migration> more = {});
    ~Database();
    Database(const Database&) = delete;

    // How the owner, the writer and the reader connect.
    pq::Settings owner() const { return settings(""); }
    pq::Settings writer() const { return settings("skald_writer"); }
    pq::Settings reader() const { return settings("skald_reader"); }
    const std::string& conninfo() const { return conninfo_; }

    // A connection as the owner, for looking and for breaking things.
    pq::Connection& admin() { return admin_.get(); }
    std::unique_ptr<eventstore::PgLog> log() const {
        return std::make_unique<eventstore::PgLog>(writer());
    }

  private:
    pq::Settings settings(const std::string& role) const;

    std::string name_;
    std::string conninfo_;
    pq::Session admin_;
};

// The value of an environment variable that the test run must set; ends the test program with a
// clear sentence if unset.
std::string required_env(const char* name);

}  // namespace skald::tests
