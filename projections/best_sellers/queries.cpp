#include "projections/best_sellers/queries.h"

#include <algorithm>

#include "diagnostics/logger.h"
#include "projections/best_sellers/ranking.h"
#include "projections/redis/cache.h"
#include "projections/sales/projection.h"

namespace skald::projections::best_sellers {
namespace {

// The ranking as Redis has it, if it is of today and new enough.
std::optional<Answer<std::vector<Row>>> kept(Reading& reading, kernel::Day today, std::int32_t days,
                                             const ReadRequest& request) {
    if (reading.cache == nullptr || std::ranges::find(kept_days, days) == kept_days.end())
        return std::nullopt;
    const auto json = reading.cache->ranking(days);
    if (!json) return std::nullopt;
    Ranking ranking;
    try {
        ranking = from_json(*json);
    } catch (const std::exception&) {
        diagnostics::log_warning("Redis holds a ranking that nobody can read", {{"days", days}});
        return std::nullopt;
    }
    if (ranking.today != today || ranking.source.definition != sales::projection().definition ||
        behind("sales", ranking.heads, request.wanted))
        return std::nullopt;
    return Answer<std::vector<Row>>{
        std::move(ranking.rows), std::move(ranking.heads), {}, ranking.parked_keys};
}

}  // namespace

ReadResult<std::vector<Row>> top(Reading& reading, kernel::Day today, std::int32_t days,
                                 std::int32_t limit, const ReadRequest& request) {
    if (auto answer = kept(reading, today, days, request)) {
        if (std::cmp_greater(answer->value.size(), limit))
            answer->value.resize(static_cast<std::size_t>(limit));
        return std::move(*answer);
    }
    return read_list(reading, sales::projection(), request,
                     ranked(today, days, std::min(limit, rank_max)), ranked_rows);
}

}  // namespace skald::projections::best_sellers
