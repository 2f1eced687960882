#include "projections/engine/projection.h"

#include <algorithm>

#include "domain/kernel/invariant.h"

namespace skald::projections {
namespace {

RowChange change(const Table& table, ChangeKind kind, Assignments columns) {
    RowChange row{&table, kind, {}};
    row.values.resize(table.columns.size());
    for (const auto& [name, value] : columns) {
        const auto column = std::ranges::find(table.columns, name, &Column::name);
        INVARIANT(column != table.columns.end());
        row.values[static_cast<std::size_t>(column - table.columns.begin())] = value;
    }
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        const bool needed =
            i < table.key_columns || kind == ChangeKind::put || kind == ChangeKind::merge;
        INVARIANT(row.values[i].has_value() || !needed);
    }
    return row;
}

}  // namespace

RowChange put(const Table& table, Assignments columns) {
    return change(table, ChangeKind::put, columns);
}

RowChange merge(const Table& table, Assignments columns) {
    return change(table, ChangeKind::merge, columns);
}

RowChange update(const Table& table, Assignments columns) {
    return change(table, ChangeKind::update, columns);
}

RowChange remove(const Table& table, Assignments key) {
    return change(table, ChangeKind::remove, key);
}

bool Projection::subscribes_to(std::string_view type) const {
    return std::ranges::find(event_types, type) != event_types.end();
}

}  // namespace skald::projections
