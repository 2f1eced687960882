// Tables of toys, a Redis of their own, and a mirror between them.
#pragma once

#include <gtest/gtest.h>

#include "projections/engine/step.h"
#include "projections/migrations/migrations.h"
#include "projections/redis/cache.h"
#include "projections/redis/keys.h"
#include "projections/redis/mirror.h"
#include "tests/integration/projections/private_redis.h"
#include "tests/integration/projections/toy_projection.h"
#include "tests/support/database.h"

namespace skald::tests {

using namespace projections;
using namespace std::chrono_literals;
using eventstore::Partition;
using eventstore::Position;
using redis::Client;

inline constexpr std::int32_t partitions = 4;
inline constexpr Partition partition(3);

inline redis::Mirrored mirrored_boxes() {
    return {"toys", 1,
            "SELECT b.box, b.revision, b.content FROM skald_read.boxes_vN AS b "
            "WHERE b.partition = $1 AND b.revision > $2 ORDER BY b.revision LIMIT $3",
            [](const pq::Rows& rows, int row) { return std::to_string(rows.int8(row, 2)); }};
}

class ProjectionsRedis : public testing::Test {
  protected:
    ProjectionsRedis() { install(database.admin(), {&toys}); }

    void follow(std::size_t run_size = 100) {
        auto at = step.open(partition);
        const std::span<const eventstore::StoredEvent> events(log.events());
        while (static_cast<std::size_t>(at.position.value()) < events.size()) {
            const auto rest = events.subspan(static_cast<std::size_t>(at.position.value()));
            at = step.apply(partition, at, rest.first(std::min(run_size, rest.size())));
        }
    }
    // The value in Redis, "-" if Redis does not answer for it.
    std::string in_redis(const std::string& box, Position wanted = Position(0)) {
        const auto found = cache.rows(toys, {{partition, box, wanted}}).front();
        return found ? found->value + " at " + std::to_string(found->position.value()) : "-";
    }
    redis::Mirror mirror(std::int32_t rows_max = 2000) {
        return redis::Mirror(mirrored_boxes(), database.reader(), "t", partitions,
                             {.rows_max = rows_max});
    }
    void feed_all(redis::Mirror& one) {
        while (one.feed(client)) {
        }
    }
    std::string hash_key() {
        const auto live = live_version(database.admin(), "toys");
        return redis::partition_key(redis::live_key("t", "toys", 1),
                                    eventstore::to_text(live->generation), partition);
    }
    std::string cursor_in_redis() {
        return client.command({"HGET", hash_key(), "=cursor"}).text().value_or("none");
    }

    PrivateRedis server;
    Client client{{.address = server.address()}};
    redis::Cache cache{
        {.address = server.address(), .connect_timeout = 200ms, .command_timeout = 200ms}, "t", 2};
    Database database{partitions, migrations()};
    Projection toys = toy_projection();
    ProjectionStep step{toys, database.writer()};
    ToyLog log{partition};
};

}  // namespace skald::tests
