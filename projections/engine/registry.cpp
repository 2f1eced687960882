#include "projections/engine/registry.h"

#include "projections/engine/sql.h"
#include "projections/engine/table_sql.h"

namespace skald::projections {

namespace sql = projections_engine::sql;

namespace {

// The statement with the table's name in place of {table}.
std::string for_table(std::string_view sql, const Table& table) {
    constexpr std::string_view mark = "{table}";
    std::string text(sql);
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
        text.replace(at, mark.size(), table.name);
    return text;
}

}  // namespace

std::optional<LiveVersion> live_version(pq::Connection& connection, const std::string& name) {
    const auto rows = connection.prepared(sql::read_live, pq::Params().text(name));
    if (rows.empty()) return std::nullopt;
    return LiveVersion{rows.int4(0, 0), rows.int4(0, 1), rows.uuid(0, 2)};
}

std::vector<VersionRow> versions(pq::Connection& connection, const std::string& name) {
    const auto rows = connection.prepared(sql::read_versions, pq::Params().text(name));
    std::vector<VersionRow> all;
    for (int i = 0; i < rows.size(); ++i)
        all.push_back({rows.int4(i, 0), rows.int4(i, 1), rows.text(i, 2)});
    return all;
}

int install(pq::Connection& owner, const std::vector<const Projection*>& projections) {
    int made = 0;
    for (const auto* projection : projections) {
        pq::Transaction transaction(owner);
        owner.query(sql::lock_registry, pq::Params().text(projection->name));
        if (live_version(owner, projection->name)) continue;
        create_version(owner, *projection, 1, "live");
        owner.query(sql::add_projection, pq::Params().text(projection->name).int4(1));
        transaction.commit();
        ++made;
    }
    return made;
}

std::vector<std::string> installation_problems(pq::Connection& connection,
                                               const std::vector<const Projection*>& projections) {
    std::vector<std::string> problems;
    for (const auto* projection : projections) {
        const auto live = live_version(connection, projection->name);
        if (!live) {
            problems.push_back("projection " + projection->name +
                               " has no tables: run skald migrate up");
        } else if (live->definition != projection->definition) {
            problems.push_back("projection " + projection->name + " was built by definition " +
                               std::to_string(live->definition) + ", this program has " +
                               std::to_string(projection->definition) +
                               ": run skald projections rebuild " + projection->name);
        }
    }
    return problems;
}

void create_version(pq::Connection& owner, const Projection& projection, std::int32_t version,
                    std::string_view state) {
    for (const auto* table : projection.tables) {
        owner.script(at_version(table->create, version));
        owner.script(at_version(for_table(sql::grant_read_table, *table), version));
    }
    owner.query(
        sql::add_version,
        pq::Params().text(projection.name).int4(version).int4(projection.definition).text(state));
    owner.query(sql::add_cursors, pq::Params().text(projection.name).int4(version));
}

void drop_version(pq::Connection& owner, const Projection& projection, std::int32_t version) {
    for (const auto* table : projection.tables)
        owner.script(at_version(
            "DROP TABLE IF EXISTS skald_read." + std::string(table->name) + "_vN", version));
    for (const auto statement : {sql::remove_parked_events, sql::remove_parked_keys,
                                 sql::remove_cursors, sql::remove_version})
        owner.query(statement, pq::Params().text(projection.name).int4(version));
}

}  // namespace skald::projections
