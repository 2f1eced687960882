// The reading side of Redis: answers at once or not at all, so that a query can turn to PostgreSQL.
// Thread-safe.
#pragma once

#include <chrono>
#include <map>
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

    struct Row {
        Partition partition;
        std::string key;
        Position wanted;
    };
    // The values of rows, in one round trip. Nothing for those that Redis does not have: when it is
    // away or no longer kept fresh, when the partition is not whole there or has not reached
    // `wanted`, or when there is no such row.
    std::vector<std::optional<Cached>> rows(const Projection& projection,
                                            const std::vector<Row>& asked);
    // The ranking of the last `days` days, as its feed wrote it.
    std::optional<std::string> ranking(std::int32_t days);

  private:
    std::optional<std::string> known_generation(const std::string& live);
    void note_generation(const std::string& live, const std::string& generation);
    template <class Ask>
    auto ask(Ask question) -> std::invoke_result_t<Ask, Client&>;

    Settings settings_;
    std::string space_;
    std::mutex mutex_;
    std::map<std::string, std::string> generations_;  // by live key, as seen last
    std::vector<Client> free_;
    std::size_t unused_;
    std::chrono::steady_clock::time_point away_until_{};
};

}  // namespace skald::projections::redis
