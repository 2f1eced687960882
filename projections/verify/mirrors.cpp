#include "projections/verify/mirrors.h"

#include <charconv>
#include <map>

#include "projections/all.h"
#include "projections/best_sellers/ranking.h"
#include "projections/engine/registry.h"
#include "projections/engine/table_sql.h"
#include "projections/products/json.h"
#include "projections/reading/snapshot.h"
#include "projections/redis/keys.h"
#include "projections/redis/mirror.h"
#include "projections/redis/ranking_store.h"
#include "projections/sales/projection.h"
#include "projections/stock_levels/json.h"
#include "projections/verify/sql.h"

namespace skald::projections {
namespace {

using eventstore::Partition;

// A mirror that is being written while it is read is read again, this often.
constexpr int attempts = 20;
constexpr std::int64_t rows_max = std::int64_t{1} << 40;

struct Mirrored {
    std::int64_t revision = 0;
    bool whole = false;
    std::map<std::string, std::string> values;
    friend bool operator==(const Mirrored&, const Mirrored&) = default;
};

class MirrorCheck {
  public:
    MirrorCheck(pq::Connection& pg, redis::Client& redis, const std::string& space,
                redis::Mirrored table)
        : pg_(pg), redis_(redis), space_(space), table_(std::move(table)) {
        check_.name = table_.projection + " in Redis";
    }

    Check run(std::int32_t partitions) {
        const auto live = live_version(pg_, table_.projection);
        if (!live) return check_;
        statement_ = at_version(table_.changed_rows, live->version);
        generation_ = eventstore::to_text(live->generation);
        for (std::int32_t p = 0; p < partitions; ++p) check(Partition(p));
        return check_;
    }

  private:
    Mirrored read(Partition partition) {
        const auto all = redis_.command(
            {"HGETALL",
             redis::partition_key(redis::live_key(space_, table_.projection, table_.definition),
                                  generation_, partition)});
        Mirrored mirrored;
        for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
            const auto field = all[i].text().value_or("");
            auto value = all[i + 1].text().value_or("");
            if (field == "=cursor") {
                std::from_chars(value.data(), value.data() + value.size(), mirrored.revision);
                mirrored.whole = !value.ends_with(" -1");
            } else if (field.starts_with(redis::row_field_prefix)) {
                mirrored.values.emplace(
                    field.substr(std::string_view(redis::row_field_prefix).size()),
                    std::move(value));
            }
        }
        return mirrored;
    }

    // Unmoved between two readings, the mirror is what the table was at the mirror's revision: rows
    // of later revisions say nothing about it.
    void check(Partition partition) {
        for (int i = 0; i < attempts; ++i) {
            auto before = read(partition);
            const auto rows = pg_.prepared(
                statement_, pq::Params().int4(partition.value()).int8(0).int8(rows_max));
            if (before != read(partition)) continue;
            compare(std::move(before), rows);
            return;
        }
        differs("partition " + std::to_string(partition.value()) + " did not stand still");
    }

    void compare(Mirrored mirrored, const pq::Rows& rows) {
        check_.expected += rows.size();
        check_.found += static_cast<std::int64_t>(mirrored.values.size());
        for (int i = 0; i < rows.size(); ++i) {
            const auto key = rows.text(i, 0);
            const auto value = mirrored.values.extract(key);
            if (rows.int8(i, 1) > mirrored.revision) continue;
            if (value.empty()) {
                differs(key + ": Redis does not have it");
            } else if (value.mapped() != table_.value_of(rows, i)) {
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
    const std::string& space_;
    redis::Mirrored table_;
    std::string statement_;
    std::string generation_;
    Check check_;
};

// A kept ranking is comparable while the sales stand where it was made.
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
        const auto made =
            read(reading, sales::projection(), std::nullopt, {}, [&](Snapshot& snapshot) {
                return best_sellers::ranked_rows(snapshot, kept.today, days,
                                                 best_sellers::rank_max);
            });
        if (made->heads != kept.heads || made->value == kept.rows) continue;
        if (check.differences++ == 0)
            check.first_difference = "the ranking of " + std::to_string(days) + " days";
    }
    return check;
}

}  // namespace

void check_mirrors(const VerifyOptions& options, VerifyReport& report) {
    auto settings = options.reader;
    settings.answer_timeout = std::chrono::minutes(2);
    settings.statement_timeout = std::chrono::minutes(2);
    pq::Connection pg(settings);
    auto patient = *options.redis;
    patient.command_timeout = std::chrono::seconds(30);
    redis::Client redis(patient);
    const auto partitions = pg.query(projections_verify::sql::read_partitions).int4(0, 0);
    for (const auto& table : {products::mirrored(), stock_levels::mirrored()})
        report.checks.push_back(MirrorCheck(pg, redis, options.redis_space, table).run(partitions));
    report.checks.push_back(check_rankings(options, redis, partitions));
}

}  // namespace skald::projections
