// The statements that write a table, made from its description. Nothing but names that stand in the
// program goes into their text; all values are bound. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "projections/engine/projection.h"

namespace skald::projections {

// `sql` with every _vN as _v<version>: how a table's own statements and the queries name it.
std::string at_version(std::string_view sql, std::int32_t version);

// The statement that writes all rows of one kind. Its parameters: one array per column (remove: per
// key column), then, unless it removes, the array of positions, of update also the array of masks
// (bit i: column i is named); then the array of partitions, and of revisions unless it removes.
std::string write_statement(const Table& table, std::int32_t version, ChangeKind kind);

}  // namespace skald::projections
