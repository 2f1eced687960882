// What the queries of read models need: connections, what this process knows of the projections'
// progress, and Redis where there is one. Made once, shared by all threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "eventstore/head_watch.h"
#include "projections/reading/pg_pool.h"
#include "projections/reading/read.h"

namespace skald::projections {

namespace redis {
class Cache;
}

// How far each projection is, as announced by the projectors of this process: wakes the queries
// that wait for it. Thread-safe. A hint only: a query trusts the cursor it reads.
class Progress {
  public:
    // `names`: all projections there are.
    Progress(const std::vector<std::string>& names, std::int32_t partitions);
    // Of an unknown name: a bug.
    eventstore::HeadWatch& of(const std::string& name) { return *watches_.at(name); }

  private:
    std::map<std::string, std::unique_ptr<eventstore::HeadWatch>> watches_;
};

// Queries throw eventstore::Unavailable when PostgreSQL cannot be reached or no connection gets
// free before the request's deadline, std::invalid_argument when a page's keys are not of its sort.
struct Reading {
    PgPool& pool;
    Progress& progress;
    std::int32_t partitions = 0;
    redis::Cache* cache = nullptr;  // null: PostgreSQL answers everything
};

}  // namespace skald::projections
