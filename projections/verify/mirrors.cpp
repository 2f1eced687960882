#include "projections/verify/mirrors.h"

#include <charconv>
#include <map>

#include "projections/all.h"
#include "projections/best_sellers/ranking.h"
#include "projections/engine/registry.h"
#include "projections/engine/table_sql.h"
#include "projections/redis/keys.h"
#include "projections/redis/mirror.h"
#include "projections/redis/ranking_store.h"
#include "projections/redis/sql.h"
#include "projections/verify/sql.h"

namespace skald::projections {
namespace {

using eventstore::Partition;

// A mirror that is being written while it is read is read again, this often.
constexpr int attempts = 20;
constexpr std::int64_t rows_max = std::int64_t{1} << 40;

struct Mirrored {
    std::int64_t revision = 0;
    std::int64_t position = -1;  // not whole
    std::string parked;
    std::map<std::string, std::string> values;
    friend bool operator==(const Mirrored&, const Mirrored&) = default;
};

// A partition as PostgreSQL has it at one moment.
struct Original {
    std::int64_t revision = 0;
    std::int64_t position = 0;
    std::string parked;
    pq::Rows rows;
    std::map<std::string, std::string> values;  // of the rows that the mirror has
};

class MirrorCheck {
  public:
    MirrorCheck(pq::Connection& pg, redis::Client& redis, const std::string& space,
                redis::Mirrored table, const Goal& goal)
        : pg_(pg),
          redis_(redis),
          table_(std::move(table)),
          goal_(goal),
          live_key_(redis::live_key(space, table_.projection, table_.definition)) {}

    Check run(std::int32_t partitions) {
        for (;;) {
            check_ = {table_.projection + " in Redis", 0, 0, 0, ""};
            const auto live = live_version(pg_, table_.projection);
            if (!live) return check_;
            version_ = live->version;
            generation_ = eventstore::to_text(live->generation);
            const auto named = redis_.command({"GET", live_key_}).text();
            answers_ = named.has_value();
            if (named && *named != generation_)
                differs("Redis answers from another generation than the live one");
            for (std::int32_t p = 0; p < partitions; ++p) check(Partition(p));
            if (check_.differences == 0 || !goal_.may_wait()) return check_;
        }
    }

  private:
    Mirrored read(Partition partition) {
        const auto all =
            redis_.command({"HGETALL", redis::partition_key(live_key_, generation_, partition)});
        Mirrored mirrored;
        for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
            const auto field = all[i].text().value_or("");
            auto value = all[i + 1].text().value_or("");
            if (field == "=cursor") {
                const auto end = value.data() + value.size();
                const auto at = std::from_chars(value.data(), end, mirrored.revision).ptr;
                if (at != end) std::from_chars(at + 1, end, mirrored.position);
            } else if (field == "=parked") {
                mirrored.parked = std::move(value);
            } else if (field.starts_with(redis::row_field_prefix)) {
                mirrored.values.emplace(
                    field.substr(std::string_view(redis::row_field_prefix).size()),
                    std::move(value));
            }
        }
        return mirrored;
    }

    Original original(Partition partition, const Mirrored& mirrored) {
        namespace sql = projections_redis::sql;
        const auto named =
            pq::Params().text(table_.projection).int4(version_).int4(partition.value());
        pq::Transaction transaction(pg_, "ISOLATION LEVEL REPEATABLE READ READ ONLY");
        const auto cursor = pg_.prepared(sql::read_cursor, named);
        const auto parked = pg_.prepared(sql::read_parked, named);
        auto rows = pg_.prepared(at_version(table_.changed_rows, version_),
                                 pq::Params().int4(partition.value()).int8(0).int8(rows_max));
        auto values = values_of(rows, mirrored);
        transaction.commit();
        if (cursor.empty()) return {0, 0, "", std::move(rows), {}};
        return {cursor.int8(0, 0), cursor.int8(0, 1), redis::parked_json(parked), std::move(rows),
                std::move(values)};
    }

    std::map<std::string, std::string> values_of(const pq::Rows& rows, const Mirrored& mirrored) {
        std::vector<int> which;
        for (int i = 0; i < rows.size(); ++i)
            if (mirrored.values.contains(rows.text(i, 0))) which.push_back(i);
        auto made = redis::values_of(table_, pg_, version_, rows, which);
        std::map<std::string, std::string> values;
        for (std::size_t i = 0; i < which.size(); ++i)
            values.emplace(rows.text(which[i], 0), std::move(made[i]));
        return values;
    }

    // Unmoved between two readings, the mirror is what the table was at the mirror's revision: rows
    // of later revisions say nothing about it.
    void check(Partition partition) {
        for (int i = 0; i < attempts; ++i) {
            auto before = read(partition);
            const auto there = original(partition, before);
            if (before != read(partition)) continue;
            compare_cursor(partition, before, there);
            compare_rows(std::move(before), there);
            return;
        }
        differs("partition " + std::to_string(partition.value()) + " did not stand still");
    }

    // A mirror that is not whole is never asked, and one that nobody names neither.
    void compare_cursor(Partition partition, const Mirrored& mirrored, const Original& there) {
        if (mirrored.position < 0) return;
        const auto own = static_cast<std::size_t>(partition.value());
        const auto says = "partition " + std::to_string(own) + ": Redis ";
        const auto position = std::to_string(mirrored.position);
        if (mirrored.revision > there.revision || mirrored.position > there.position) {
            differs(says + "is ahead of PostgreSQL, at position " + position);
        } else if (mirrored.revision == there.revision && mirrored.position != there.position) {
            differs(says + "says it is at position " + position + ", PostgreSQL at " +
                    std::to_string(there.position));
        } else if (answers_ && own < goal_.heads().size() &&
                   mirrored.position < goal_.heads()[own].value()) {
            differs(says + "answers from position " + position + ", the log was at " +
                    std::to_string(goal_.heads()[own].value()));
        }
        if (mirrored.revision == there.revision && mirrored.parked != there.parked)
            differs(says + "holds back other keys than PostgreSQL");
    }

    void compare_rows(Mirrored mirrored, const Original& there) {
        const auto& rows = there.rows;
        const auto found = std::ssize(mirrored.values);
        const bool all = table_.kept_max == 0;
        check_.expected += all ? rows.size() : found;
        check_.found += found;
        for (int i = 0; i < rows.size(); ++i) {
            const auto key = rows.text(i, 0);
            const auto value = mirrored.values.extract(key);
            if (rows.int8(i, 1) > mirrored.revision) continue;
            if (value.empty()) {
                if (all) differs(key + ": Redis does not have it");
            } else if (value.mapped() != there.values.at(key)) {
                differs(key + ": Redis has another value");
            }
        }
        for (const auto& [key, value] : mirrored.values)
            differs(key + ": PostgreSQL does not have it");
    }

    void differs(const std::string& what) {
        if (check_.differences++ == 0) check_.first_difference = what;
    }

    pq::Connection& pg_;
    redis::Client& redis_;
    redis::Mirrored table_;
    const Goal& goal_;
    std::string live_key_;
    std::int32_t version_ = 0;
    std::string generation_;
    bool answers_ = false;
    Check check_;
};

// A kept ranking is comparable while the sales are what it was made from. One that is behind goes
// away by itself where nobody makes it anew.
Check check_rankings(const VerifyOptions& options, redis::Client& redis, std::int32_t partitions) {
    Check check{"best_sellers in Redis", 0, 0, 0, ""};
    PgPool pool(options.reader, 1);
    Progress progress(projection_names(), partitions);
    Reading reading{pool, progress, partitions, nullptr};
    for (const auto days : best_sellers::kept_days) {
        ++check.expected;
        const auto json = redis::get_ranking(redis, options.redis_space, days);
        if (!json) continue;
        ++check.found;
        const auto kept = best_sellers::from_json(*json);
        const auto made = best_sellers::ranking(reading, kept.today, days);
        if (made.source != kept.source || made == kept) continue;
        if (check.differences++ == 0)
            check.first_difference = "the ranking of " + std::to_string(days) + " days";
    }
    return check;
}

}  // namespace

void check_mirrors(const VerifyOptions& options, const Goal& goal, VerifyReport& report) {
    auto settings = options.reader;
    settings.answer_timeout = std::chrono::minutes(2);
    settings.statement_timeout = std::chrono::minutes(2);
    pq::Connection pg(settings);
    auto patient = *options.redis;
    patient.command_timeout = std::chrono::seconds(30);
    redis::Client redis(patient);
    const auto partitions = pg.query(projections_verify::sql::read_partitions).int4(0, 0);
    for (const auto& table : mirrored_tables())
        report.checks.push_back(
            MirrorCheck(pg, redis, options.redis_space, table, goal).run(partitions));
    report.checks.push_back(check_rankings(options, redis, partitions));
}

}  // namespace skald::projections
