// What a projection is made of: tables, and a pure function from event to row changes. How rows are
// merged is stated per column; batching, transactions, cursors and parking are the engine's.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "domain/kernel/result.h"
#include "eventstore/types.h"

namespace skald::projections {

// Null is for text columns only. Times are microseconds since the Unix epoch, days are days since.
using Value = std::variant<std::monostate, std::int64_t, bool, std::string>;

enum class ColumnType { text, int8, boolean, timestamp, day };
// What becomes of a column when a change meets a row: it takes the change's value, or adds it.
enum class Merge { replace, sum };

struct Column {
    std::string_view name;
    ColumnType type = ColumnType::text;
    Merge merge = Merge::replace;
};

// A read table skald_read.<name>_v<version>. `create` makes it, with _vN where the version goes.
// Beside the columns here every table has partition, position and revision of its last change.
struct Table {
    std::string_view name;
    std::string_view create;
    std::size_t key_columns = 1;     // how many of the columns, from the first, are the primary key
    bool key_has_partition = false;  // rows of one key may come from several partitions
    std::vector<Column> columns;     // at most 62
};

// put: this is the row, whatever was there. merge: the row, or its columns merged into the one that
// is there. update: some columns of a row that must be there. remove: no such row.
enum class ChangeKind { put, merge, update, remove };

struct RowChange {
    const Table* table = nullptr;
    ChangeKind kind = ChangeKind::put;
    std::vector<std::optional<Value>> values;  // one per column of the table; nullopt: not named
};
using Changes = std::vector<RowChange>;

using Assignments = std::initializer_list<std::pair<std::string_view, Value>>;

// Key columns are named like all others. put and merge name every column, remove the key only.
RowChange put(const Table& table, Assignments columns);
RowChange merge(const Table& table, Assignments columns);
RowChange update(const Table& table, Assignments columns);
RowChange remove(const Table& table, Assignments key);

inline Value nullable(const std::optional<std::string>& text) {
    return text ? Value(*text) : Value(std::monostate());
}

// An event of this type is told together with those of these types that came before it in its
// stream: where a fact says what was decided and not about what, as with an order confirmed. Each
// such event costs a look into the log, so a projection has few of them.
struct LookBack {
    std::string type;
    std::vector<std::string> earlier;
};
// In the order of their versions.
using Earlier = std::span<const eventstore::StoredEvent>;

struct Projection {
    std::string name;
    // Raised with every change of what the tables hold; tables filled by another definition are
    // neither followed nor read until they are rebuilt.
    std::int32_t definition = 1;
    std::vector<std::string> event_types;  // what it subscribes to
    std::vector<const Table*> tables;
    std::vector<LookBack> look_backs = {};
    // Pure. The error says why the event cannot be decoded or applied, now and ever.
    std::function<Result<Changes, std::string>(const eventstore::StoredEvent&, Earlier)> changes_of;
    // Whether this program's catalogue has the type in this schema version or a later one.
    std::function<bool(std::string_view type, std::int32_t schema_version)> knows;

    bool subscribes_to(std::string_view type) const;
};

}  // namespace skald::projections
