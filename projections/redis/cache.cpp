#include "projections/redis/cache.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"
#include "projections/redis/keys.h"
#include "projections/redis/ranking_store.h"
#include "projections/redis/sql.h"

namespace skald::projections::redis {
namespace {

namespace lua = projections_redis::sql;
using std::chrono::steady_clock;

// After a failure Redis is not asked again for this long: every query would wait for it in vain.
constexpr std::chrono::milliseconds rest{500};

prometheus::Counter& lookups(const char* result) {
    return diagnostics::counter("skald_redis_lookups_total", "Rows looked for in Redis",
                                {{"result", result}});
}

// The position of a cursor "revision position"; -1 while not all is there.
std::int64_t position_in(const std::string& cursor) {
    std::int64_t position = -1;
    const auto blank = cursor.find(' ');
    if (blank == std::string::npos) return position;
    std::from_chars(cursor.data() + blank + 1, cursor.data() + cursor.size(), position);
    return position;
}

std::optional<ParkedNote> parked_in(const std::string& parked, const std::string& key) {
    if (parked.size() <= 2) return std::nullopt;  // {}
    const auto keys = nlohmann::json::parse(parked);
    const auto found = keys.find(key);
    if (found == keys.end()) return std::nullopt;
    return ParkedNote{found->at(0).get<std::string>(), found->at(1).get<std::string>()};
}

}  // namespace

Cache::Cache(Settings settings, std::string space, std::size_t clients)
    : settings_(std::move(settings)), space_(std::move(space)), unused_(clients) {
    free_.reserve(clients);
}

// The question's answer, or an empty one where Redis is away, broken or fully busy.
template <class Ask>
auto Cache::ask(Ask question) -> std::invoke_result_t<Ask, Client&> {
    std::optional<Client> client;
    {
        std::lock_guard lock(mutex_);
        if (steady_clock::now() < away_until_) return {};
        if (!free_.empty()) {
            client.emplace(std::move(free_.back()));
            free_.pop_back();
        } else if (unused_ > 0) {
            client.emplace(settings_);
            --unused_;
        } else {
            return {};
        }
    }
    std::invoke_result_t<Ask, Client&> answer{};
    bool failed = false;
    try {
        answer = question(*client);
    } catch (const std::exception& error) {
        failed = true;
        diagnostics::log_debug("Redis does not answer, PostgreSQL does", {{"error", error.what()}});
    }
    std::lock_guard lock(mutex_);
    if (failed) {
        ++unused_;
        away_until_ = steady_clock::now() + rest;
    } else {
        free_.push_back(std::move(*client));
    }
    return answer;
}

std::optional<Cached> Cache::row(const Projection& projection, Partition partition,
                                 const std::string& key, Position wanted) {
    auto found = ask([&](Client& client) -> std::optional<Cached> {
        const auto live = live_key(space_, projection.name, projection.definition);
        const auto reply = client.script(lua::read_value_lua, {live},
                                         {partition_suffix(partition), row_field_prefix + key});
        const auto cursor = reply[0].text();
        const auto parked = reply[1].text();
        auto value = reply[2].text();
        if (!cursor || !value) return std::nullopt;
        const Position position(position_in(*cursor));
        if (position < Position(0) || position < wanted) return std::nullopt;
        return Cached{std::move(*value), position, parked ? parked_in(*parked, key) : std::nullopt};
    });
    static auto& hits = lookups("hit");
    static auto& misses = lookups("miss");
    (found ? hits : misses).Increment();
    return found;
}

std::optional<std::string> Cache::ranking(std::int32_t days) {
    return ask([&](Client& client) { return get_ranking(client, space_, days); });
}

}  // namespace skald::projections::redis
