#include "projections/engine/table_writer.h"

#include "projections/engine/table_sql.h"

namespace skald::projections {
namespace {

// A row on its way into a table, with what it gets beside its columns.
struct Written {
    const NetRow* row;
    std::int32_t partition;
    std::int64_t revision;
};
using AllWritten = std::vector<Written>;

// Codes that say the data is at fault: data exceptions, violated constraints, limits of the
// program.
bool blames_data(std::string_view sqlstate) {
    return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54");
}

// The first line: what follows it may quote the row, and with it personal data.
std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

template <class T>
T value_or_nothing(const NetRow& row, std::size_t column) {
    if (!row.values[column]) return T{};
    return std::get<T>(*row.values[column]);
}

// Of each row one value: an array to bind.
template <class Of>
auto gathered(const AllWritten& rows, Of of) {
    std::vector<std::invoke_result_t<Of, const Written&>> values;
    values.reserve(rows.size());
    for (const auto& one : rows) values.push_back(of(one));
    return values;
}

template <class T>
std::vector<T> values_of(const AllWritten& rows, std::size_t column) {
    return gathered(
        rows, [column](const Written& one) -> T { return value_or_nothing<T>(*one.row, column); });
}

std::vector<std::optional<std::string_view>> texts_of(const AllWritten& rows, std::size_t column) {
    return gathered(rows, [column](const Written& one) -> std::optional<std::string_view> {
        const auto& value = one.row->values[column];
        const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
        return text ? std::optional<std::string_view>(*text) : std::nullopt;
    });
}

void bind_column(pq::Params& params, ColumnType type, const AllWritten& rows, std::size_t column) {
    switch (type) {
        case ColumnType::text:
            params.text_array(texts_of(rows, column));
            return;
        case ColumnType::int8:
        case ColumnType::day:
            params.int8_array(values_of<std::int64_t>(rows, column));
            return;
        case ColumnType::boolean:
            params.bool_array(values_of<bool>(rows, column));
            return;
        case ColumnType::timestamp:
            params.timestamp_array(values_of<std::int64_t>(rows, column));
            return;
    }
}

std::int64_t mask_of(const NetRow& row) {
    std::int64_t mask = 0;
    for (std::size_t i = 0; i < row.values.size(); ++i)
        if (row.values[i]) mask |= std::int64_t{1} << i;
    return mask;
}

pq::Params bound(const Table& table, ChangeKind kind, const AllWritten& rows) {
    pq::Params params;
    const bool removes = kind == ChangeKind::remove;
    const std::size_t columns = removes ? table.key_columns : table.columns.size();
    for (std::size_t i = 0; i < columns; ++i) bind_column(params, table.columns[i].type, rows, i);
    if (!removes)
        params.int8_array(gathered(rows, [](auto& one) { return one.row->position.value(); }));
    if (kind == ChangeKind::update)
        params.int8_array(gathered(rows, [](auto& one) { return mask_of(*one.row); }));
    params.int4_array(gathered(rows, [](auto& one) { return one.partition; }));
    if (!removes) params.int8_array(gathered(rows, [](auto& one) { return one.revision; }));
    return params;
}

AllWritten all_of(std::span<const PartitionChanges> changes, const Table& table, ChangeKind kind) {
    AllWritten all;
    for (const auto& [net, partition, revision] : changes)
        for (const auto* row : net->rows(table, kind))
            all.push_back({row, partition.value(), revision});
    return all;
}

}  // namespace

void TableWrites::check(std::span<const pq::Rows> answers) const {
    for (std::size_t i = 0; i < expected_.size(); ++i) {
        const auto& [table, updated] = expected_[i];
        if (updated >= 0 && answers[i].affected() != updated)
            throw ChangesRefused("a row of " + std::string(table->name) +
                                 " that has to change is missing");
    }
}

void TableWrites::refuse(const pq::Error& error, std::size_t which) const {
    if (which >= statements.size() || !blames_data(error.sqlstate)) throw error;
    throw ChangesRefused("PostgreSQL refuses it: " + first_line(error.what()));
}

TableWrites TableWriter::writes(std::span<const PartitionChanges> changes) {
    TableWrites writes;
    for (const auto* table : projection_.tables) {
        for (const auto kind :
             {ChangeKind::put, ChangeKind::merge, ChangeKind::update, ChangeKind::remove}) {
            const auto rows = all_of(changes, *table, kind);
            if (rows.empty()) continue;
            writes.statements.push_back({statement(*table, kind), bound(*table, kind, rows)});
            writes.expected_.push_back({table, -1});
            if (kind == ChangeKind::update)
                writes.expected_.back().updated = static_cast<std::int64_t>(rows.size());
        }
    }
    return writes;
}

void TableWriter::write(pq::Connection& connection, const PartitionChanges& changes) {
    const auto all = writes({&changes, 1});
    try {
        all.check(connection.together(all.statements));
    } catch (const pq::Error& error) {
        all.refuse(error, error.statement);
    }
}

const std::string& TableWriter::statement(const Table& table, ChangeKind kind) {
    auto& text = statements_[{&table, kind}];
    if (text.empty()) text = write_statement(table, version_, kind);
    return text;
}

}  // namespace skald::projections
