// The ranking as Redis holds it, and the feed that keeps it there. A feed is used by one thread,
// the functions are pure.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "projections/best_sellers/queries.h"
#include "projections/reading/snapshot.h"
#include "projections/redis/feed.h"

namespace skald::projections::best_sellers {

// The rankings that Redis has: of the last so many days. PostgreSQL answers for all others.
inline constexpr std::array<std::int32_t, 3> kept_days{1, 7, 30};

// Which tables of sales, filled by which definition, and the revisions of their partitions. A
// release or a rebuild changes rows where the heads stay.
struct Source {
    std::int32_t definition = 0;
    std::string generation;
    std::vector<std::int64_t> revisions;
    friend bool operator==(const Source&, const Source&) = default;
};

// A whole ranking and what it was made from.
struct Ranking {
    kernel::Day today;
    Source source;
    Heads heads;
    std::int64_t parked_keys = 0;  // it was made without
    std::vector<Row> rows;         // rank_max at most
    friend bool operator==(const Ranking&, const Ranking&) = default;
};

std::string to_json(const Ranking& ranking);
// Throws nlohmann::json::exception when the text is not what to_json makes.
Ranking from_json(const std::string& json);

kernel::Day today_utc();

// The ranking of the last `days` days as PostgreSQL has it.
Ranking ranking(Reading& reading, kernel::Day today, std::int32_t days);

// What the rows are asked for with, and the rows.
Statement ranked(kernel::Day today, std::int32_t days, std::int32_t limit);
std::vector<Row> ranked_rows(const Found& found);

// Makes the kept rankings anew when the sales changed, but spends at most a tenth of the time on
// it. Redis answers with them until the time after that has passed without another success.
class RankingFeed : public redis::Feed {
  public:
    using Clock = std::chrono::steady_clock;

    // `reading` needs no cache.
    RankingFeed(Reading& reading, std::string space,
                std::chrono::milliseconds pause_min = std::chrono::milliseconds(500),
                std::function<kernel::Day()> today = today_utc);

    bool feed(redis::Client& client) override;

  private:
    Reading& reading_;
    std::string space_;
    std::chrono::milliseconds pause_min_;
    std::function<kernel::Day()> today_;
    Clock::time_point next_{};
    std::map<std::int32_t, std::string> written_;  // as they should stand in Redis
};

}  // namespace skald::projections::best_sellers
