#include "projections/redis/mirror.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>

#include "diagnostics/crash_point.h"
#include "diagnostics/logger.h"
#include "projections/engine/table_sql.h"
#include "projections/redis/keys.h"
#include "projections/redis/sql.h"

namespace skald::projections::redis {
namespace {

namespace sql = projections_redis::sql;
using diagnostics::crash_point;
using eventstore::Partition;

std::int64_t revision_in(const std::optional<std::string>& cursor) {
    std::int64_t revision = 0;
    if (cursor) std::from_chars(cursor->data(), cursor->data() + cursor->size(), revision);
    return revision;
}

// -1: not all is there.
std::int64_t position_in(const std::optional<std::string>& cursor) {
    std::int64_t position = -1;
    const auto at = cursor ? cursor->find(' ') : std::string::npos;
    if (at != std::string::npos)
        std::from_chars(cursor->data() + at + 1, cursor->data() + cursor->size(), position);
    return position;
}

// How many of the rows end with a whole revision: all if they are all there are, else those before
// the last revision, of which more may follow. 0: one revision fills them.
int whole_revisions(const pq::Rows& rows, std::int64_t limit) {
    int count = rows.size();
    if (count < limit) return count;
    const auto last = rows.int8(count - 1, 1);
    while (count > 0 && rows.int8(count - 1, 1) == last) --count;
    return count;
}

constexpr std::chrono::milliseconds connection_wait{500};

}  // namespace

std::vector<std::string> values_of(const Mirrored& table, pq::Connection& connection,
                                   std::int32_t version, const pq::Rows& rows,
                                   const std::vector<int>& which) {
    std::vector<std::string> values;
    values.reserve(which.size());
    if (table.things.empty()) {
        for (const auto row : which) values.push_back(table.value_of(rows, row));
        return values;
    }
    if (which.empty()) return values;
    std::vector<std::string> keys;
    for (const auto row : which) {
        if (!table.is_too_large || !table.is_too_large(rows, row))
            keys.push_back(rows.text(row, 0));
    }
    auto made = table.values_in(
        connection.prepared(at_version(table.things, version), pq::Params().text_array(keys)));
    for (const auto row : which) values.push_back(std::move(made[rows.text(row, 0)]));
    return values;
}

std::string parked_json(const pq::Rows& rows) {
    auto keys = nlohmann::json::object();
    for (int i = 0; i < rows.size(); ++i)
        keys[rows.text(i, 0)] = {rows.text(i, 1), rows.text(i, 2)};
    return keys.dump();
}

Mirror::Mirror(Mirrored table, pq::Settings reader, std::string space, std::int32_t partitions,
               MirrorBatch batch, std::chrono::milliseconds fresh)
    : table_(std::move(table)),
      pool_(std::move(reader), 1),
      space_(std::move(space)),
      partitions_(partitions),
      kept_max_(table_.kept_max == 0 ? 0 : std::max(1, table_.kept_max / partitions)),
      batch_(batch),
      fresh_(fresh),
      live_key_(live_key(space_, table_.projection, table_.definition)) {}

std::string Mirror::hash_of(const std::string& generation, Partition partition) const {
    return partition_key(live_key_, generation, partition);
}

bool Mirror::feed(Client& client) {
    // First Redis, then PostgreSQL: so whatever Redis has by now, PostgreSQL has too, or it went
    // back in time.
    auto connection = pool_.acquire(std::chrono::steady_clock::now() + connection_wait);
    const auto before = live(*connection);
    std::vector<std::string> keys;
    for (std::int32_t p = 0; p < partitions_; ++p)
        keys.push_back(hash_of(before.name, Partition(p)));
    const auto cursors = client.script(sql::read_cursors_lua, keys, {});
    const auto now = live(*connection);
    if (now.name != before.name) return true;  // another version went live
    forget_others(client, now.name);

    bool more = false;
    for (std::int32_t p = 0; p < partitions_; ++p) {
        const auto i = static_cast<std::size_t>(p);
        const auto mirrored = revision_in(cursors[i].text());
        // After a crash that lost what was not flushed, the revisions may be past it already.
        if (now.revisions.at(i) < mirrored ||
            now.positions.at(i) < position_in(cursors[i].text())) {
            diagnostics::log_warning("Redis is ahead of PostgreSQL, emptying it",
                                     {{"projection", table_.projection}, {"partition", p}});
            client.command({"UNLINK", keys[i]});
            more = true;
        } else if (now.revisions[i] > mirrored) {
            more = bring_forward(*connection, client, now, Partition(p), mirrored) || more;
        }
    }
    // Whoever fails on the way here, or never gets to the end, leaves the answers to PostgreSQL.
    if (!more) client.command({"SET", live_key_, now.name, "PX", std::to_string(fresh_.count())});
    return more;
}

Mirror::Generation Mirror::live(pq::Connection& connection) {
    const auto rows =
        connection.prepared(sql::read_revisions, pq::Params().text(table_.projection));
    if (rows.empty())
        throw std::runtime_error("projection " + table_.projection +
                                 " has no tables: run skald migrate up");
    if (rows.int4(0, 3) != table_.definition)
        throw std::runtime_error("projection " + table_.projection + " was built by definition " +
                                 std::to_string(rows.int4(0, 3)) + ", this program has " +
                                 std::to_string(table_.definition));
    return {rows.int4(0, 0), rows.text(0, 1), rows.int8_array(0, 2), rows.int8_array(0, 4)};
}

// Another version's mirror is of no use any more. It goes before its name does, which the end of
// feed() writes over: cut off in between, the next one finds it still.
void Mirror::forget_others(Client& client, const std::string& generation) {
    const auto there = client.command({"GET", live_key_}).text();
    if (!there || there == generation) return;
    std::vector<std::string> words{"UNLINK"};
    for (std::int32_t p = 0; p < partitions_; ++p) words.push_back(hash_of(*there, Partition(p)));
    client.command(words);
}

// Fields and values of the first rows, or of so many whole revisions as a call may hold.
std::vector<std::string> Mirror::fields_of(const pq::Rows& rows,
                                           std::vector<std::string> values) const {
    std::vector<std::string> fields;
    std::size_t bytes = 0;
    std::size_t whole = 0;  // where the revision at hand begins
    for (int i = 0; i < static_cast<int>(values.size()); ++i) {
        if (i > 0 && rows.int8(i, 1) != rows.int8(i - 1, 1)) whole = fields.size();
        fields.push_back(row_field_prefix + rows.text(i, 0));
        fields.push_back(std::move(values[static_cast<std::size_t>(i)]));
        bytes += fields[fields.size() - 2].size() + fields.back().size();
        if (bytes > batch_.bytes_max && whole > 0) {
            fields.resize(whole);
            break;
        }
    }
    return fields;
}

std::int64_t Mirror::beginning(pq::Connection& connection, const Generation& live,
                               Partition partition) const {
    if (kept_max_ == 0) return 0;
    const auto rows = connection.prepared(at_version(table_.before_last, live.version),
                                          pq::Params().int4(partition.value()).int4(kept_max_));
    return rows.empty() ? 0 : rows.int8(0, 0);
}

bool Mirror::bring_forward(pq::Connection& connection, Client& client, const Generation& live,
                           Partition partition, std::int64_t from) {
    const auto statement = at_version(table_.changed_rows, live.version);
    const auto behind = from == 0 ? beginning(connection, live, partition) : from;
    const auto changed = [&](std::int64_t limit) {
        return pq::Params().int4(partition.value()).int8(behind).int8(limit);
    };
    const auto named = [&] {
        return pq::Params().text(table_.projection).int4(live.version).int4(partition.value());
    };
    std::int64_t limit = (table_.things.empty() ? batch_.rows_max : batch_.things_max) + 1;
    // In repeatable read, as all transactions of the pool's sessions are.
    pq::Transaction transaction(
        connection,
        {{sql::read_cursor, named()}, {sql::read_parked, named()}, {statement, changed(limit)}});
    const auto& cursor = transaction.answers()[0];
    const auto& parked = transaction.answers()[1];
    if (cursor.empty()) return true;
    auto rows = transaction.answers()[2];
    int count = whole_revisions(rows, limit);
    while (count == 0 && rows.size() >= limit) {
        limit *= 2;
        rows = connection.prepared(statement, changed(limit));
        count = whole_revisions(rows, limit);
    }
    std::vector<int> which(static_cast<std::size_t>(count));
    std::iota(which.begin(), which.end(), 0);
    const auto fields = fields_of(rows, values_of(table_, connection, live.version, rows, which));
    const auto parked_keys = parked_json(parked);
    const auto revision = cursor.int8(0, 0);
    const auto position = cursor.int8(0, 1);
    transaction.commit();

    count = static_cast<int>(fields.size() / 2);
    const bool whole = count == rows.size();
    const auto to = whole ? revision : rows.int8(count - 1, 1);
    std::vector<std::string> arguments{std::to_string(from), std::to_string(to),
                                       std::to_string(whole ? position : -1), parked_keys,
                                       std::to_string(kept_max_)};
    arguments.insert(arguments.end(), fields.begin(), fields.end());
    const auto key = hash_of(live.name, partition);
    crash_point("projection.before_mirror");
    const auto stands = client.script(sql::put_rows_lua, {key}, arguments).number();
    crash_point("projection.after_mirror");
    return !whole || stands < to;  // beyond it: another process was faster
}

}  // namespace skald::projections::redis
