// The reading side of Redis: answers at once or not at all, so that a query can turn to PostgreSQL.
// Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "projections/engine/projection.h"
#include "projections/reading/read.h"
#include "projections/redis/client.h"

namespace skald::projections::redis {

// A row's value and how new all of its partition is in Redis.
struct Cached {
    std::string value;
    Position position;
    std::optional<ParkedNote> parked;
};

class Cache {
  public:
    // At most `clients` connections, made on demand. `space`: see space_of().
    Cache(Settings settings, std::string space, std::size_t clients);

    // The value of a row, by its partition and key. Nothing when Redis is away or no longer kept
    // fresh, when the partition is not whole there, has not reached `wanted`, or has no such row.
    std::optional<Cached> row(const Projection& projection, Partition partition,
                              const std::string& key, Position wanted);
    // The ranking of the last `days` days, as its feed wrote it.
    std::optional<std::string> ranking(std::int32_t days);

  private:
    template <class Ask>
    auto ask(Ask question) -> std::invoke_result_t<Ask, Client&>;

    Settings settings_;
    std::string space_;
    std::mutex mutex_;
    std::vector<Client> free_;
    std::size_t unused_;
    std::chrono::steady_clock::time_point away_until_{};
};

}  // namespace skald::projections::redis
