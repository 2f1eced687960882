#include "projections/best_sellers/ranking.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "diagnostics/crash_point.h"
#include "projections/reading/snapshot.h"
#include "projections/redis/ranking_store.h"
#include "projections/sales/projection.h"
#include "projections/sql.h"

namespace skald::projections::best_sellers {
namespace {

using diagnostics::crash_point;
using nlohmann::json;

// Making the rankings may take this share of the time at most.
constexpr int time_share = 10;
// How much longer than until the next feeding Redis answers with what it has.
constexpr std::chrono::seconds grace{10};

// From a row with generation and revisions from this column on.
Source source_in(const Found& found, int column) {
    return {sales::projection().definition, found.rows.text(0, column),
            found.rows.int8_array(0, column + 1)};
}

}  // namespace

std::string to_json(const Ranking& ranking) {
    auto heads = json::array();
    for (const auto& head : ranking.heads) heads.push_back(head.value());
    auto rows = json::array();
    for (const auto& row : ranking.rows)
        rows.push_back(json::array({row.sku.value(), row.orders, row.units}));
    return json{{"today", ranking.today.value()},
                {"definition", ranking.source.definition},
                {"generation", ranking.source.generation},
                {"revisions", ranking.source.revisions},
                {"heads", heads},
                {"parked_keys", ranking.parked_keys},
                {"rows", rows}}
        .dump();
}

Ranking from_json(const std::string& text) {
    const auto value = json::parse(text);
    Ranking ranking;
    ranking.today = kernel::Day(value.at("today").get<std::int64_t>());
    ranking.source = {value.at("definition").get<std::int32_t>(),
                      value.at("generation").get<std::string>(),
                      value.at("revisions").get<std::vector<std::int64_t>>()};
    ranking.parked_keys = value.at("parked_keys").get<std::int64_t>();
    for (const auto& head : value.at("heads")) ranking.heads.emplace_back(head.get<std::int64_t>());
    for (const auto& row : value.at("rows"))
        ranking.rows.push_back({kernel::Sku(row.at(0).get<std::string>()),
                                row.at(1).get<std::int64_t>(), row.at(2).get<std::int64_t>()});
    return ranking;
}

kernel::Day today_utc() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return kernel::Day(std::chrono::floor<std::chrono::days>(now).count());
}

RankingFeed::RankingFeed(Reading& reading, std::string space, std::chrono::milliseconds pause_min,
                         std::function<kernel::Day()> today)
    : reading_(reading),
      space_(std::move(space)),
      pause_min_(pause_min),
      today_(std::move(today)) {}

bool RankingFeed::feed(redis::Client& client) {
    const auto begun = Clock::now();
    if (begun < next_) return false;
    const auto today = today_();
    const auto& name = sales::projection().name;
    const auto now =
        read_list(reading_, sales::projection(), {}, {sql::read_source, pq::Params().text(name)},
                  [](const Found& found) { return source_in(found, 0); });
    for (const auto days : kept_days) {
        auto& written = written_[days];
        if (!written.empty()) {
            const auto before = from_json(written);
            const bool current =
                before.source == now->value && before.heads == now->heads && before.today == today;
            if (current && redis::get_ranking(client, space_, days) == written) continue;
        }
        written = to_json(ranking(reading_, today, days));
        crash_point("projection.before_mirror");
        redis::put_ranking(client, space_, days, written);
        crash_point("projection.after_mirror");
    }
    const auto pause = std::max<Clock::duration>(pause_min_, time_share * (Clock::now() - begun));
    redis::keep_rankings(client, space_,
                         std::chrono::ceil<std::chrono::milliseconds>(pause) + grace);
    next_ = Clock::now() + pause;
    return false;
}

Ranking ranking(Reading& reading, kernel::Day today, std::int32_t days) {
    Source source;
    auto ranked = read_list(reading, sales::projection(), {},
                            best_sellers::ranked(today, days, rank_max), [&](const Found& found) {
                                source = source_in(found, 3);
                                return ranked_rows(found);
                            });
    return {today, std::move(source), std::move(ranked->heads), ranked->parked_keys,
            std::move(ranked->value)};
}

Statement ranked(kernel::Day today, std::int32_t days, std::int32_t limit) {
    return {sql::rank_skus, pq::Params()
                                .int8(today.value() - days + 1)
                                .int8(today.value())
                                .int8(limit)
                                .text(sales::projection().name)};
}

std::vector<Row> ranked_rows(const Found& found) {
    const auto& rows = found.rows;
    std::vector<Row> ranked;
    for (int i = 0; i < found.size && !rows.is_null(i, 0); ++i)
        ranked.push_back({kernel::Sku(rows.text(i, 0)), rows.int8(i, 1), rows.int8(i, 2)});
    return ranked;
}

}  // namespace skald::projections::best_sellers
