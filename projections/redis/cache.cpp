#include "projections/redis/cache.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "diagnostics/logger.h"
#include "diagnostics/metrics.h"
#include "projections/redis/keys.h"
#include "projections/redis/ranking_store.h"

namespace skald::projections::redis {
namespace {

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

// A partition's answer: its cursor, its parked keys, and the values of the rows `own`.
void take(const Reply& reply, const std::vector<std::size_t>& own,
          const std::vector<Cache::Row>& asked, std::vector<std::optional<Cached>>& found) {
    const auto cursor = reply[0].text();
    if (!cursor) return;
    const auto parked = reply[1].text();
    const Position position(position_in(*cursor));
    for (std::size_t n = 0; n < own.size(); ++n) {
        const auto& row = asked[own[n]];
        auto value = reply[2 + n].text();
        if (!value || value->empty() || position < Position(0) || position < row.wanted) continue;
        found[own[n]] = Cached{std::move(*value), position,
                               parked ? parked_in(*parked, row.key) : std::nullopt};
    }
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

// What is live is asked for in the same round trip, in front: the values then are of its
// generation, or of one that came later and left them to be gone.
std::vector<std::optional<Cached>> Cache::rows(const Projection& projection,
                                               const std::vector<Row>& asked) {
    std::vector<std::optional<Cached>> found(asked.size());
    const auto live = live_key(space_, projection.name, projection.definition);
    std::map<Partition, std::vector<std::size_t>> by_partition;
    for (std::size_t i = 0; i < asked.size(); ++i) by_partition[asked[i].partition].push_back(i);
    const auto seen = ask([&](Client& client) -> std::optional<std::string> {
        auto generation = known_generation(live);
        for (;;) {
            std::vector<std::vector<std::string>> commands{{"GET", live}};
            if (generation)
                for (const auto& [partition, own] : by_partition) {
                    auto& words = commands.emplace_back(std::vector<std::string>{
                        "HMGET", partition_key(live, *generation, partition), "=cursor",
                        "=parked"});
                    for (const auto i : own) words.push_back(row_field_prefix + asked[i].key);
                }
            const auto replies = client.commands(commands);
            auto now = replies[0].text();
            if (now && now != generation) {
                generation = std::move(now);
                continue;
            }
            if (!now) return std::nullopt;
            auto reply = replies.begin();
            for (const auto& [partition, own] : by_partition) {
                ++reply;
                take(*reply, own, asked, found);
            }
            return generation;
        }
    });
    if (seen) note_generation(live, *seen);
    const auto hits = std::ranges::count_if(found, [](const auto& one) { return one.has_value(); });
    static auto& hit = lookups("hit");
    static auto& miss = lookups("miss");
    hit.Increment(static_cast<double>(hits));
    miss.Increment(static_cast<double>(std::ssize(found) - hits));
    return found;
}

std::optional<std::string> Cache::known_generation(const std::string& live) {
    std::lock_guard lock(mutex_);
    const auto known = generations_.find(live);
    return known == generations_.end() ? std::nullopt : std::optional(known->second);
}

void Cache::note_generation(const std::string& live, const std::string& generation) {
    std::lock_guard lock(mutex_);
    generations_[live] = generation;
}

std::optional<std::string> Cache::ranking(std::int32_t days) {
    return ask([&](Client& client) { return get_ranking(client, space_, days); });
}

}  // namespace skald::projections::redis
