#include "projections/engine/table_sql.h"

#include "domain/kernel/invariant.h"

namespace skald::projections {
namespace {

std::string_view array_type(ColumnType type) {
    switch (type) {
        case ColumnType::text:
            return "text[]";
        case ColumnType::int8:
        case ColumnType::day:
            return "bigint[]";
        case ColumnType::boolean:
            return "boolean[]";
        case ColumnType::timestamp:
            return "timestamptz[]";
    }
    return "";
}

// The unnested value of a column in the column's own type.
std::string value_of(const Column& column) {
    const std::string name = "v." + std::string(column.name);
    return column.type == ColumnType::day ? "date '1970-01-01' + " + name + "::integer" : name;
}

class Text {
  public:
    Text(const Table& table, std::int32_t version, ChangeKind kind)
        : table_(table),
          kind_(kind),
          name_("skald_read." + std::string(table.name) + "_v" + std::to_string(version)) {}

    std::string statement() {
        const std::string from = unnested();
        switch (kind_) {
            case ChangeKind::put:
            case ChangeKind::merge:
                return insert(from);
            case ChangeKind::update:
                return update(from);
            case ChangeKind::remove:
                return "DELETE FROM " + name_ + " AS t USING " + from + " WHERE " + same_key();
        }
        return "";
    }

  private:
    bool is_key(std::size_t column) const { return column < table_.key_columns; }
    std::string next_parameter() { return "$" + std::to_string(++parameters_); }

    // unnest($1::text[], ...) AS v(...): all parameters.
    std::string unnested() {
        std::string arrays;
        std::string names;
        const auto add = [&](std::string_view name, std::string_view type) {
            arrays += (arrays.empty() ? "" : ", ") + next_parameter() + "::" + std::string(type);
            names += (names.empty() ? "" : ", ") + std::string(name);
        };
        const bool removes = kind_ == ChangeKind::remove;
        for (std::size_t i = 0; i < table_.columns.size(); ++i)
            if (!removes || is_key(i))
                add(table_.columns[i].name, array_type(table_.columns[i].type));
        if (!removes) add("position", "bigint[]");
        if (kind_ == ChangeKind::update) add("mask", "bigint[]");
        add("partition", "integer[]");
        if (!removes) add("revision", "bigint[]");
        return "unnest(" + arrays + ") AS v(" + names + ")";
    }

    std::string insert(const std::string& from) {
        std::string names;
        std::string values;
        std::string key = table_.key_has_partition ? "partition" : "";
        std::string merged;
        for (std::size_t i = 0; i < table_.columns.size(); ++i) {
            const auto& column = table_.columns[i];
            const std::string name(column.name);
            names += name + ", ";
            values += value_of(column) + ", ";
            if (is_key(i)) {
                key += (key.empty() ? "" : ", ") + name;
                continue;
            }
            const bool sums = kind_ == ChangeKind::merge && column.merge == Merge::sum;
            merged += name + " = " + (sums ? "t." + name + " + " : "") + "excluded." + name + ", ";
        }
        return "INSERT INTO " + name_ + " AS t (" + names +
               "partition, position, revision) SELECT " + values +
               "v.partition, v.position, v.revision FROM " + from + " ON CONFLICT (" + key +
               ") DO UPDATE SET " + merged +
               "position = excluded.position, revision = excluded.revision";
    }

    std::string update(const std::string& from) {
        std::string set;
        for (std::size_t i = table_.key_columns; i < table_.columns.size(); ++i) {
            const auto& column = table_.columns[i];
            const std::string name(column.name);
            const auto bit = std::to_string(std::int64_t{1} << i);
            const std::string changed =
                column.merge == Merge::sum ? "t." + name + " + v." + name : value_of(column);
            set += name + " = CASE WHEN v.mask & " + bit + " <> 0 THEN " + changed + " ELSE t." +
                   name + " END, ";
        }
        return "UPDATE " + name_ + " AS t SET " + set +
               "position = v.position, revision = v.revision FROM " + from + " WHERE " + same_key();
    }

    std::string same_key() const {
        // Also where the key does not hold the partition: a row of another one is not ours.
        std::string same = "t.partition = v.partition";
        for (std::size_t i = 0; i < table_.key_columns; ++i)
            same += " AND t." + std::string(table_.columns[i].name) + " = " +
                    value_of(table_.columns[i]);
        return same;
    }

    const Table& table_;
    ChangeKind kind_;
    std::string name_;
    int parameters_ = 0;
};

}  // namespace

std::string at_version(std::string_view sql, std::int32_t version) {
    constexpr std::string_view mark = "_vN";
    const std::string number = "_v" + std::to_string(version);
    std::string text;
    for (std::size_t at = 0;;) {
        const auto next = sql.find(mark, at);
        text += sql.substr(at, next - at);
        if (next == std::string_view::npos) return text;
        text += number;
        at = next + mark.size();
    }
}

std::string write_statement(const Table& table, std::int32_t version, ChangeKind kind) {
    INVARIANT(table.columns.size() <= 62);
    return Text(table, version, kind).statement();
}

}  // namespace skald::projections
