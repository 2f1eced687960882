#include "projections/redis/ranking_store.h"

#include "projections/redis/keys.h"
#include "projections/redis/sql.h"

namespace skald::projections::redis {

bool put_ranking(Client& client, const std::string& space, std::int32_t days,
                 const std::string& json) {
    return client
               .script(projections_redis::sql::put_ranking_lua, {best_sellers_key(space)},
                       {std::to_string(days), json})
               .number() == 1;
}

std::optional<std::string> get_ranking(Client& client, const std::string& space,
                                       std::int32_t days) {
    return client.command({"HGET", best_sellers_key(space), std::to_string(days)}).text();
}

void keep_rankings(Client& client, const std::string& space, std::chrono::milliseconds duration) {
    client.command({"PEXPIRE", best_sellers_key(space), std::to_string(duration.count())});
}

}  // namespace skald::projections::redis
