#include "projections/reading/snapshot.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "projections/engine/registry.h"
#include "projections/engine/table_sql.h"
#include "projections/reading/sql.h"

namespace skald::projections {

namespace sql = projections_reading::sql;
using std::chrono::steady_clock;

// Between looks at cursors that projectors of another process may move.
constexpr std::chrono::milliseconds look_again{5};

std::optional<Lagging> behind(const std::string& name, const Heads& heads, const Heads& wanted) {
    std::optional<Lagging> worst;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Partition partition(static_cast<std::int32_t>(i));
        const Position have = i < heads.size() ? heads[i] : Position(0);
        if (wanted[i] <= have) continue;
        if (!worst || wanted[i] - have > worst->wanted - worst->have)
            worst = Lagging{name, partition, wanted[i], have};
    }
    return worst;
}

namespace detail {
namespace {

// The columns behind the statement's own.
enum Told { nth, version, definition, positions, parked, told_columns };

// The partitions of the keys, each once, in ascending order.
std::vector<std::int32_t> partitions_of(const Keys& keys, std::int32_t partitions) {
    std::vector<std::int32_t> own;
    for (const auto& key : keys) own.push_back(eventstore::partition_of(key, partitions).value());
    std::ranges::sort(own);
    const auto repeats = std::ranges::unique(own);
    own.erase(repeats.begin(), repeats.end());
    return own;
}

// `frame` with each {mark} in it filled in.
std::string filled(std::string_view frame,
                   const std::map<std::string_view, std::string_view>& values) {
    std::string text;
    text.reserve(2 * frame.size());
    for (auto at = frame.find('{'); at != std::string_view::npos; at = frame.find('{')) {
        const auto end = frame.find('}', at);
        text += frame.substr(0, at);
        text += values.at(frame.substr(at + 1, end - at - 1));
        frame.remove_prefix(end + 1);
    }
    text += frame;
    return text;
}

// One query: its text for a version of the tables, and all its parameters.
struct Asking {
    const Projection& projection;
    const std::optional<Keys>& keys;
    const Statement& statement;
    std::vector<std::int32_t> own;  // the keys' partitions
    pq::Params params;

    std::string text(std::int32_t version) const {
        // Behind the statement's own parameters, in the order they were added.
        const auto first = statement.params.size();
        const auto number = [&](std::size_t i) { return "$" + std::to_string(first + i); };
        const auto at = std::to_string(version);
        const auto query = at_version(statement.sql, version);
        const auto name = number(1);
        const auto second = number(2);
        const auto third = number(3);
        std::map<std::string_view, std::string_view> values{{"name", name},
                                                            {"version", at},
                                                            {"query", query},
                                                            {"found", "found.*"},
                                                            {"asked", "asked.*"}};
        if (!keys) {
            values["limit"] = statement.rows_max ? std::string_view(second) : "ALL";
            return filled(sql::read_list, values);
        }
        values["keys"] = second;
        values["partitions"] = third;
        return filled(sql::read_things, values);
    }
};

Asking asking_of(const Reading& reading, const Projection& projection,
                 const std::optional<Keys>& keys, const Statement& statement) {
    Asking asking{projection, keys, statement, {}, statement.params};
    asking.params.text(projection.name);
    if (keys) {
        asking.own = partitions_of(*keys, reading.partitions);
        asking.params.text_array(*keys).int4_array(asking.own);
    } else if (statement.rows_max) {
        asking.params.int8(*statement.rows_max);
    }
    return asking;
}

// The live tables' version. Checked with every read: another program may have rebuilt the
// projection meanwhile.
std::int32_t checked(const Projection& projection, std::int32_t version, std::int32_t definition) {
    if (definition != projection.definition)
        throw eventstore::Unavailable("projection " + projection.name +
                                      " was built by definition " + std::to_string(definition) +
                                      ", this program has " +
                                      std::to_string(projection.definition));
    return version;
}

struct Live {
    std::int32_t version = 0;
    Heads heads;
};

Live live_now(pq::Connection& connection, const Projection& projection) {
    const auto rows = connection.prepared(sql::read_standing, pq::Params().text(projection.name));
    if (rows.empty())
        throw std::runtime_error("projection " + projection.name +
                                 " has no tables: run skald migrate up");
    Live live;
    live.version = checked(projection, rows.int4(0, 0), rows.int4(0, 1));
    for (const auto position : rows.int8_array(0, 2)) live.heads.emplace_back(position);
    return live;
}

// The rows from the tables of `version`; nothing if they are not there as this program knows them.
std::optional<pq::Rows> rows_of(pq::Connection& connection, const Asking& asking,
                                std::int32_t version) {
    try {
        return connection.prepared(asking.text(version), asking.params);
    } catch (const pq::Error& error) {
        constexpr std::string_view names_and_types = "42";  // the class of such errors
        if (!error.sqlstate.starts_with(names_and_types)) throw;
        return std::nullopt;
    }
}

// The rows, from the tables that are live in the same moment.
pq::Rows live_rows(pq::Connection& connection, const Asking& asking,
                   std::atomic<std::int32_t>& version) {
    std::int32_t tried = version;
    if (tried == 0) tried = live_now(connection, asking.projection).version;
    for (;;) {
        auto rows = rows_of(connection, asking, tried);
        if (!rows) {
            const auto live = live_now(connection, asking.projection).version;
            if (live == tried)
                throw std::runtime_error("projection " + asking.projection.name +
                                         " has other tables than its definition says");
            tried = live;
            continue;
        }
        if (rows->empty())
            throw std::runtime_error("projection " + asking.projection.name +
                                     " has no tables: run skald migrate up");
        const auto told = rows->columns() - told_columns;
        const auto live = rows->int4(0, told + Told::version);
        if (live == tried) {
            checked(asking.projection, live, rows->int4(0, told + definition));
            version = live;
            return *std::move(rows);
        }
        tried = live;
    }
}

Heads heads_of(const Asking& asking, const std::vector<std::int64_t>& positions,
               std::int32_t partitions) {
    Heads heads;
    if (!asking.keys) {
        for (const auto position : positions) heads.emplace_back(position);
        return heads;
    }
    heads.resize(static_cast<std::size_t>(partitions));
    for (std::size_t i = 0; i < positions.size() && i < asking.own.size(); ++i)
        heads[static_cast<std::size_t>(asking.own[i])] = Position(positions[i]);
    return heads;
}

Standing standing_in(const pq::Rows& rows, const Asking& asking, std::int32_t partitions) {
    const auto told = rows.columns() - told_columns;
    Standing standing;
    standing.heads = heads_of(asking, rows.int8_array(0, told + positions), partitions);
    if (!asking.keys) {
        standing.parked_keys = rows.int8(0, told + parked);
    } else if (!rows.is_null(0, told + parked)) {
        for (const auto& note : nlohmann::json::parse(rows.text_view(0, told + parked)))
            standing.parked[note.at(0)] = ParkedNote{note.at(1), note.at(2)};
    }
    return standing;
}

// What has to be reached: of a list all, of keys what is wanted of their partitions.
Heads wanted_of(const Asking& asking, const Heads& wanted) {
    if (!asking.keys) return wanted;
    Heads own(wanted.size());
    for (const auto partition : asking.own) {
        const auto i = static_cast<std::size_t>(partition);
        if (i < own.size()) own[i] = wanted[i];
    }
    return own;
}

// One look: either uses what is found, or tells how far behind it is.
std::optional<Lagging> look(pq::Connection& connection, const Asking& asking, Progress& progress,
                            std::int32_t partitions, const Heads& wanted, const Use& use) {
    const auto& name = asking.projection.name;
    const auto rows = live_rows(connection, asking, progress.live_version(name));
    auto standing = standing_in(rows, asking, partitions);
    if (auto lagging = behind(name, standing.heads, wanted)) return lagging;
    const bool none = rows.is_null(0, rows.columns() - told_columns + nth);
    use({rows, none ? 0 : rows.size()}, standing);
    return std::nullopt;
}

// The statement's rows from the tables of `version`, and nothing else; adds its last parameter.
std::string rows_alone(const Statement& statement, std::int32_t version, pq::Params& params) {
    std::string limit = "ALL";
    if (statement.rows_max) {
        params.int8(*statement.rows_max);
        limit = "$" + std::to_string(params.size());
    }
    const auto query = at_version(statement.sql, version);
    return filled(sql::read_page, {{"asked", "asked.*"}, {"query", query}, {"limit", limit}});
}

// One after the other as of one moment: sessions of the pool read all that is sent together by the
// snapshot of its first (sql/pin_plans.sql).
std::vector<pq::Rows> together(Reading& reading, std::span<const pq::Statement> asked) {
    const auto patience = steady_clock::now() + connection_wait;
    for (;;) {
        auto connection = reading.pool.acquire(patience);
        try {
            return connection->together(asked);
        } catch (const pq::ConnectionLost&) {
            if (connection.fresh()) throw;  // else it had gone stale in the pool
        }
    }
}

}  // namespace

std::optional<Lagging> with_rows(Reading& reading, const Projection& projection,
                                 const std::optional<Keys>& keys, const ReadRequest& request,
                                 const Statement& statement, const Use& use) {
    const auto asking = asking_of(reading, projection, keys, statement);
    const auto wanted = wanted_of(asking, request.wanted);
    auto& watch = reading.progress.of(projection.name);
    // A connection is worth waiting for even if nothing else is.
    const auto patience = std::max(request.deadline, steady_clock::now() + connection_wait);
    Waits::Place place;
    std::optional<Lagging> lagging;
    for (;;) {
        const auto seen = watch.changes();
        {
            auto connection = reading.pool.acquire(patience);
            try {
                // Who was behind looks at the cursors alone until they have come far enough.
                if (lagging)
                    lagging =
                        behind(projection.name, live_now(*connection, projection).heads, wanted);
                if (!lagging)
                    lagging = look(*connection, asking, reading.progress, reading.partitions,
                                   wanted, use);
            } catch (const pq::ConnectionLost&) {
                if (connection.fresh()) throw;
                continue;  // it had gone stale in the pool
            }
        }
        if (!lagging) return std::nullopt;
        const auto left = request.deadline - steady_clock::now();
        const bool ended = reading.waits && reading.waits->ended();
        if (left <= steady_clock::duration::zero() || ended) return lagging;
        if (!place.take(reading.waits)) {
            lagging->again_until = request.deadline;
            return lagging;
        }
        watch.wait(seen, std::min(look_again, std::chrono::ceil<std::chrono::milliseconds>(left)));
    }
}

// Where other tables are live than this process thought, or none are known, nothing is used: who
// asks for one list alone finds out.
void with_lists(Reading& reading, const Projection& projection,
                std::span<const Statement> statements, const UseOfList& use) {
    const std::int32_t version = reading.progress.live_version(projection.name);
    if (version == 0) return;
    std::vector<pq::Statement> asked{
        {sql::read_lists_standing, pq::Params().text(projection.name)}};
    std::vector<std::string> texts;
    texts.reserve(statements.size());
    for (const auto& statement : statements) {
        auto& params = asked.emplace_back(std::string_view(), statement.params).params;
        asked.back().sql = texts.emplace_back(rows_alone(statement, version, params));
    }
    const auto answers = together(reading, asked);
    const auto& told = answers.front();
    if (told.empty() || told.int4(0, 0) != version) return;
    checked(projection, version, told.int4(0, 1));
    Standing standing;
    for (const auto position : told.int8_array(0, 2)) standing.heads.emplace_back(position);
    standing.parked_keys = told.int8(0, 3);
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const auto& rows = answers[i + 1];
        auto own = standing;
        use(i, {rows, rows.size()}, own);
    }
}

Heads heads_for(const Reading& reading, const std::string& key, const Heads& heads) {
    const auto own =
        static_cast<std::size_t>(eventstore::partition_of(key, reading.partitions).value());
    Heads result(heads.size());
    if (own < heads.size()) result[own] = heads[own];
    return result;
}

std::optional<Lagging> behind_for(const Reading& reading, const Projection& projection,
                                  const AskedThing& asked, const Heads& heads) {
    return behind(projection.name, heads, heads_for(reading, asked.key, asked.request.wanted));
}

}  // namespace detail
}  // namespace skald::projections
