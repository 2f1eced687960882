// What the machine gives without Skald: the disk's flushes, and PostgreSQL's inserts and copies of
// rows as wide as an event. Each run lasts as long as it is told; used by one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/program/cpu.h"
#include "eventstore/types.h"

namespace skald::bench {

// Appends 8 KiB, PostgreSQL's page, to a file in `folder` and flushes it, again and again.
Sample flush_file(const std::string& folder, Seconds time);

struct RowShape {
    std::string type;
    int meta_bytes = 0;
    int data_bytes = 0;
};
// How wide the stored events of this type are.
RowShape shape_of(pq::Connection& connection, const std::string& type);

class InsertControl {
  public:
    // Connects that many clients and makes the table.
    InsertControl(const pq::Settings& settings, int clients_max, RowShape shape);

    // One row per commit, by so many clients at once.
    Sample single(ServerCpu& server, int clients, Seconds time);
    // So many rows per commit, by so many clients at once; an operation is a row.
    Sample many(ServerCpu& server, int clients, int rows, Seconds time);

  private:
    Sample run(ServerCpu& server, int clients, Seconds time, int rows,
               const std::function<void(pq::Connection&)>& insert);

    RowShape shape_;
    std::vector<std::unique_ptr<pq::Connection>> clients_;
};

// COPY of rows in, a commit each 10 000, and of all of skald.events out; an operation is a row.
Sample copy_in(ServerCpu& server, const std::string& conninfo, const RowShape& shape, Seconds time);
Sample copy_out(ServerCpu& server, const std::string& conninfo, Seconds time);

}  // namespace skald::bench
