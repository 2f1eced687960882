#include "projections/engine/table_writer.h"

#include "projections/engine/table_sql.h"

namespace skald::projections {
namespace {

using eventstore::Partition;

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

template <class T>
std::vector<T> gathered(const std::vector<const NetRow*>& rows, std::size_t column) {
    std::vector<T> values;
    values.reserve(rows.size());
    for (const auto* row : rows) values.push_back(value_or_nothing<T>(*row, column));
    return values;
}

std::vector<std::optional<std::string>> gathered_text(const std::vector<const NetRow*>& rows,
                                                      std::size_t column) {
    std::vector<std::optional<std::string>> texts;
    texts.reserve(rows.size());
    for (const auto* row : rows) {
        const auto& value = row->values[column];
        const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
        texts.push_back(text ? std::optional(*text) : std::nullopt);
    }
    return texts;
}

void bind_column(pq::Params& params, ColumnType type, const std::vector<const NetRow*>& rows,
                 std::size_t column) {
    switch (type) {
        case ColumnType::text:
            params.text_array(gathered_text(rows, column));
            return;
        case ColumnType::int8:
        case ColumnType::day:
            params.int8_array(gathered<std::int64_t>(rows, column));
            return;
        case ColumnType::boolean:
            params.bool_array(gathered<bool>(rows, column));
            return;
        case ColumnType::timestamp:
            params.timestamp_array(gathered<std::int64_t>(rows, column));
            return;
    }
}

std::int64_t mask_of(const NetRow& row) {
    std::int64_t mask = 0;
    for (std::size_t i = 0; i < row.values.size(); ++i)
        if (row.values[i]) mask |= std::int64_t{1} << i;
    return mask;
}

pq::Params bound(const Table& table, ChangeKind kind, const std::vector<const NetRow*>& rows,
                 Partition partition, std::int64_t revision) {
    pq::Params params;
    const bool removes = kind == ChangeKind::remove;
    const std::size_t columns = removes ? table.key_columns : table.columns.size();
    for (std::size_t i = 0; i < columns; ++i) bind_column(params, table.columns[i].type, rows, i);
    if (!removes) {
        std::vector<std::int64_t> positions;
        for (const auto* row : rows) positions.push_back(row->position.value());
        params.int8_array(positions);
    }
    if (kind == ChangeKind::update) {
        std::vector<std::int64_t> masks;
        for (const auto* row : rows) masks.push_back(mask_of(*row));
        params.int8_array(masks);
    }
    params.int4(partition.value());
    if (!removes) params.int8(revision);
    return params;
}

}  // namespace

void TableWriter::write(pq::Connection& connection, const NetChanges& changes, Partition partition,
                        std::int64_t revision) {
    for (const auto* table : projection_.tables) {
        for (const auto kind :
             {ChangeKind::put, ChangeKind::merge, ChangeKind::update, ChangeKind::remove}) {
            const auto rows = changes.rows(*table, kind);
            if (!rows.empty()) write_rows(connection, *table, kind, rows, partition, revision);
        }
    }
}

void TableWriter::write_rows(pq::Connection& connection, const Table& table, ChangeKind kind,
                             const std::vector<const NetRow*>& rows, Partition partition,
                             std::int64_t revision) {
    const auto params = bound(table, kind, rows, partition, revision);
    std::int64_t affected = 0;
    try {
        affected = connection.prepared(statement(table, kind), params).affected();
    } catch (const pq::Error& error) {
        if (!blames_data(error.sqlstate)) throw;
        throw ChangesRefused("PostgreSQL refuses it: " + first_line(error.what()));
    }
    if (kind == ChangeKind::update && affected != static_cast<std::int64_t>(rows.size()))
        throw ChangesRefused("a row of " + std::string(table.name) +
                             " that has to change is missing");
}

const std::string& TableWriter::statement(const Table& table, ChangeKind kind) {
    auto& text = statements_[{&table, kind}];
    if (text.empty()) text = write_statement(table, version_, kind);
    return text;
}

}  // namespace skald::projections
