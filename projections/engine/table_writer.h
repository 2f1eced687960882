// Writes net rows to the tables of one projection version, one statement per table and kind of
// change, whatever partitions they are of. Used by one thread, inside the caller's transaction.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/engine/net_changes.h"

namespace skald::projections {

// What the events of one partition come to, and the revision its rows get. The changes outlive it.
struct PartitionChanges {
    const NetChanges* changes = nullptr;
    eventstore::Partition partition;
    std::int64_t revision = 0;
};

// Statements, and what their answers have to be.
class TableWrites {
  public:
    // To be sent in this order, none without the others.
    std::vector<pq::Statement> statements;

    // Throws ChangesRefused when a row that had to change was not there.
    void check(std::span<const pq::Rows> answers) const;
    // Throws the error of statement number `which` again, as ChangesRefused when the rows cannot be
    // written for what they are, and not for the moment.
    [[noreturn]] void refuse(const pq::Error& error, std::size_t which) const;

  private:
    friend class TableWriter;
    struct Expected {
        const Table* table = nullptr;
        std::int64_t updated = -1;  // rows; less than 0: any number
    };
    std::vector<Expected> expected_;
};

class TableWriter {
  public:
    TableWriter(const Projection& projection, std::int32_t version)
        : projection_(projection), version_(version) {}

    // The statements' texts live as long as this.
    TableWrites writes(std::span<const PartitionChanges> changes);
    // Sends them, too. Throws ChangesRefused when the rows cannot be written for what they are,
    // pq::Error and pq::ConnectionLost when they could be another time.
    void write(pq::Connection& connection, const PartitionChanges& changes);

  private:
    const std::string& statement(const Table& table, ChangeKind kind);

    const Projection& projection_;
    std::int32_t version_;
    std::map<std::pair<const Table*, ChangeKind>, std::string> statements_;
};

}  // namespace skald::projections
