#include "projections/engine/net_changes.h"

#include "domain/kernel/invariant.h"

namespace skald::projections {
namespace {

// The key's values as one text: each with its length before it, so that no two keys share one.
std::string key_text(const RowChange& change) {
    std::string key;
    for (std::size_t i = 0; i < change.table->key_columns; ++i) {
        const Value& value = *change.values[i];
        std::string text;
        if (const auto* s = std::get_if<std::string>(&value)) {
            text = *s;
        } else if (const auto* n = std::get_if<std::int64_t>(&value)) {
            text = std::to_string(*n);
        } else if (const auto* b = std::get_if<bool>(&value)) {
            text = *b ? "t" : "f";
        }
        key += std::to_string(text.size()) + ':' + text;
    }
    return key;
}

Value sum(const Value& a, const Value& b) {
    std::int64_t result = 0;
    if (__builtin_add_overflow(std::get<std::int64_t>(a), std::get<std::int64_t>(b), &result))
        throw ChangesRefused("a sum leaves 64 bits");
    return result;
}

// Merges `later` into the values of a row that earlier changes left, by the columns' rules.
void merge_into(NetRow& row, const RowChange& later) {
    const auto& columns = later.table->columns;
    for (std::size_t i = later.table->key_columns; i < columns.size(); ++i) {
        if (!later.values[i]) continue;
        const bool adds = columns[i].merge == Merge::sum && row.values[i].has_value();
        row.values[i] = adds ? sum(*row.values[i], *later.values[i]) : *later.values[i];
    }
}

void combine(NetRow& row, RowChange later) {
    const bool gone = row.kind == ChangeKind::remove;
    switch (later.kind) {
        case ChangeKind::put:
        case ChangeKind::remove:
            row.kind = later.kind;
            row.values = std::move(later.values);
            return;
        case ChangeKind::merge:
            if (gone) {
                row.kind = ChangeKind::put;
                row.values = std::move(later.values);
                return;
            }
            merge_into(row, later);
            return;
        case ChangeKind::update:
            if (gone) throw ChangesRefused("a row that was removed cannot be updated");
            merge_into(row, later);
            return;
    }
}

}  // namespace

void NetChanges::add(RowChange change, eventstore::Position position) {
    INVARIANT(change.values.size() == change.table->columns.size());
    auto& table = tables_[change.table];
    const auto [place, first] = table.by_key.try_emplace(key_text(change), table.rows.size());
    if (first) {
        table.rows.push_back({change.kind, std::move(change.values), position});
        return;
    }
    NetRow& row = table.rows[place->second];
    combine(row, std::move(change));
    row.position = position;
}

std::vector<const NetRow*> NetChanges::rows(const Table& table, ChangeKind kind) const {
    std::vector<const NetRow*> found;
    const auto entry = tables_.find(&table);
    if (entry == tables_.end()) return found;
    for (const auto& row : entry->second.rows)
        if (row.kind == kind) found.push_back(&row);
    return found;
}

}  // namespace skald::projections
