// Writes net rows to the tables of one projection version, one statement per table and kind of
// change. Used by one thread, inside the caller's transaction.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "eventstore/postgres/pq.h"
#include "projections/engine/net_changes.h"

namespace skald::projections {

class TableWriter {
  public:
    TableWriter(const Projection& projection, std::int32_t version)
        : projection_(projection), version_(version) {}

    // Throws ChangesRefused when the rows cannot be written for what they are, pq::Error and
    // pq::ConnectionLost when they could be another time.
    void write(pq::Connection& connection, const NetChanges& changes,
               eventstore::Partition partition, std::int64_t revision);

  private:
    void write_rows(pq::Connection& connection, const Table& table, ChangeKind kind,
                    const std::vector<const NetRow*>& rows, eventstore::Partition partition,
                    std::int64_t revision);
    const std::string& statement(const Table& table, ChangeKind kind);

    const Projection& projection_;
    std::int32_t version_;
    std::map<std::pair<const Table*, ChangeKind>, std::string> statements_;
};

}  // namespace skald::projections
