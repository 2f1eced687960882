// Where the rankings stand in Redis. Used by one thread with one client.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "projections/redis/client.h"

namespace skald::projections::redis {

// Puts the ranking of the last `days` days there, unless what is there was made from a later state:
// false then. `json` has its state in "generation", "heads" and "revisions".
bool put_ranking(Client& client, const std::string& space, std::int32_t days,
                 const std::string& json);
std::optional<std::string> get_ranking(Client& client, const std::string& space, std::int32_t days);
// All rankings are answered with for so long from now on.
void keep_rankings(Client& client, const std::string& space, std::chrono::milliseconds duration);

}  // namespace skald::projections::redis
