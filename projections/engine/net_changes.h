// Adds up the changes of a run of events, so that each row is written once. Pure; used by one
// thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "projections/engine/projection.h"

namespace skald::projections {

// The events cannot be applied to the rows, by no fault of the connection. The message holds no
// values of rows.
struct ChangesRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What all changes of one row come to, and the position of the last of them.
struct NetRow {
    ChangeKind kind = ChangeKind::put;
    std::vector<std::optional<Value>> values;
    eventstore::Position position;
};

class NetChanges {
  public:
    // Throws ChangesRefused when a sum overflows or a removed row is updated.
    void add(RowChange change, eventstore::Position position);

    bool empty() const { return tables_.empty(); }
    // The net rows of a table of one kind, in the order of their first change.
    std::vector<const NetRow*> rows(const Table& table, ChangeKind kind) const;

  private:
    struct TableRows {
        std::vector<NetRow> rows;
        std::unordered_map<std::string, std::size_t> by_key;
    };
    std::map<const Table*, TableRows> tables_;
};

}  // namespace skald::projections
