#include "projections/redis/mirror.h"

#include <charconv>
#include <nlohmann/json.hpp>

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

}  // namespace

std::string parked_json(const pq::Rows& rows) {
    auto keys = nlohmann::json::object();
    for (int i = 0; i < rows.size(); ++i)
        keys[rows.text(i, 0)] = {rows.text(i, 1), rows.text(i, 2)};
    return keys.dump();
}

Mirror::Mirror(Mirrored table, pq::Settings reader, std::string space, std::int32_t partitions,
               MirrorBatch batch, std::chrono::milliseconds fresh)
    : table_(std::move(table)),
      session_(std::move(reader)),
      space_(std::move(space)),
      partitions_(partitions),
      batch_(batch),
      fresh_(fresh),
      live_key_(live_key(space_, table_.projection, table_.definition)) {}

std::string Mirror::hash_of(const std::string& generation, Partition partition) const {
    return partition_key(live_key_, generation, partition);
}

bool Mirror::feed(Client& client) {
    // First Redis, then PostgreSQL: so whatever Redis has by now, PostgreSQL has too, or it went
    // back in time.
    const auto before = live();
    std::vector<std::string> keys;
    for (std::int32_t p = 0; p < partitions_; ++p)
        keys.push_back(hash_of(before.name, Partition(p)));
    const auto cursors = client.script(sql::read_cursors_lua, keys, {});
    const auto now = live();
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
            more = bring_forward(client, now, Partition(p), mirrored) || more;
        }
    }
    // Whoever fails on the way here, or never gets to the end, leaves the answers to PostgreSQL.
    if (!more) client.command({"SET", live_key_, now.name, "PX", std::to_string(fresh_.count())});
    return more;
}

Mirror::Generation Mirror::live() {
    const auto rows =
        session_.get().prepared(sql::read_revisions, pq::Params().text(table_.projection));
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

// Fields and values of the first `count` rows, or of so many whole revisions as a call may hold.
std::vector<std::string> Mirror::fields_of(const pq::Rows& rows, int count) const {
    std::vector<std::string> fields;
    std::size_t bytes = 0;
    std::size_t whole = 0;  // where the revision at hand begins
    for (int i = 0; i < count; ++i) {
        if (i > 0 && rows.int8(i, 1) != rows.int8(i - 1, 1)) whole = fields.size();
        fields.push_back(row_field_prefix + rows.text(i, 0));
        fields.push_back(table_.value_of(rows, i));
        bytes += fields[fields.size() - 2].size() + fields.back().size();
        if (bytes > batch_.bytes_max && whole > 0) {
            fields.resize(whole);
            break;
        }
    }
    return fields;
}

bool Mirror::bring_forward(Client& client, const Generation& live, Partition partition,
                           std::int64_t from) {
    auto& connection = session_.get();
    const auto statement = at_version(table_.changed_rows, live.version);
    pq::Transaction transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const auto named = [&] {
        return pq::Params().text(table_.projection).int4(live.version).int4(partition.value());
    };
    const auto cursor = connection.prepared(sql::read_cursor, named());
    if (cursor.empty()) return true;
    const auto parked = connection.prepared(sql::read_parked, named());
    std::int64_t limit = batch_.rows_max + 1;
    auto rows =
        connection.prepared(statement, pq::Params().int4(partition.value()).int8(from).int8(limit));
    int count = whole_revisions(rows, limit);
    while (count == 0 && rows.size() >= limit) {
        limit *= 2;
        rows = connection.prepared(statement,
                                   pq::Params().int4(partition.value()).int8(from).int8(limit));
        count = whole_revisions(rows, limit);
    }
    transaction.commit();

    const auto fields = fields_of(rows, count);
    count = static_cast<int>(fields.size() / 2);
    const bool whole = count == rows.size();
    const auto to = whole ? cursor.int8(0, 0) : rows.int8(count - 1, 1);
    std::vector<std::string> arguments{std::to_string(from), std::to_string(to),
                                       std::to_string(whole ? cursor.int8(0, 1) : -1),
                                       parked_json(parked)};
    arguments.insert(arguments.end(), fields.begin(), fields.end());
    const auto key = hash_of(live.name, partition);
    crash_point("projection.before_mirror");
    const auto stands = client.script(sql::put_rows_lua, {key}, arguments).number();
    crash_point("projection.after_mirror");
    return !whole || stands < to;  // beyond it: another process was faster
}

}  // namespace skald::projections::redis
