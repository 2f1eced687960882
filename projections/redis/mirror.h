// A feed that mirrors a read table into Redis, partition by partition: every row as an absolute
// value with the cursor of its partition. It follows the table, not the log, so what happened to
// Redis meanwhile does not matter: an empty mirror is filled from the table. Used by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "projections/reading/pg_pool.h"
#include "projections/redis/feed.h"

namespace skald::projections::redis {

// A table to mirror. Its rows are never removed.
struct Mirrored {
    std::string projection;
    std::int32_t definition = 1;  // of the projection: tables of another one are not mirrored
    // The rows of partition $1 with a revision above $2, in the order of revisions, at most $3.
    // First column: key; second: revision.
    std::string_view changed_rows;
    std::function<std::string(const pq::Rows&, int row)> value_of = {};
    // Of things that have rows in several tables, instead: the rows of things by their keys $1, and
    // the values made of these. A thing without a value, or an empty one, is PostgreSQL's to tell.
    std::string_view things = {};
    std::function<std::map<std::string, std::string>(const pq::Rows&)> values_in = {};
    // Of such things, those that by their row in `changed_rows` are too large to be read for it.
    std::function<bool(const pq::Rows&, int row)> is_too_large = {};
    // Not 0: of all that change without end, so many are kept, the first that came being the first
    // to go. An empty mirror begins behind the revision that `before_last` tells: that of partition
    // $1 behind which lie at most $2 rows, or none.
    std::int32_t kept_max = 0;
    std::string_view before_last = {};
};

// The values of these rows of `changed_rows`, in their order, from the tables of `version`, read on
// the connection that read the rows.
std::vector<std::string> values_of(const Mirrored& table, pq::Connection& connection,
                                   std::int32_t version, const pq::Rows& rows,
                                   const std::vector<int>& which);

// What one call to Redis takes, unless one revision has more: no other is answered meanwhile, and
// Redis asks about its memory only where the call begins to write.
struct MirrorBatch {
    std::int32_t rows_max = 2000;
    std::int32_t things_max = 200;  // of things that have rows in several tables, instead
    std::size_t bytes_max = std::size_t{1} << 20;  // of keys and values
};

class Mirror : public Feed {
  public:
    // `reader` may read. `fresh`: how long Redis answers behind the last time that all was found up
    // to date.
    Mirror(Mirrored table, pq::Settings reader, std::string space, std::int32_t partitions,
           MirrorBatch batch = {}, std::chrono::milliseconds fresh = std::chrono::seconds(10));

    bool feed(Client& client) override;

  private:
    struct Generation {
        std::int32_t version = 0;
        std::string name;
        std::vector<std::int64_t> revisions;
        std::vector<std::int64_t> positions;
    };
    Generation live(pq::Connection& connection);
    void forget_others(Client& client, const std::string& generation);
    bool bring_forward(pq::Connection& connection, Client& client, const Generation& live,
                       eventstore::Partition partition, std::int64_t from);
    std::int64_t beginning(pq::Connection& connection, const Generation& live,
                           eventstore::Partition partition) const;
    std::vector<std::string> fields_of(const pq::Rows& rows, std::vector<std::string> values) const;
    std::string hash_of(const std::string& generation, eventstore::Partition partition) const;

    Mirrored table_;
    PgPool pool_;
    std::string space_;
    std::int32_t partitions_;
    std::int32_t kept_max_;  // of a partition
    MirrorBatch batch_;
    std::chrono::milliseconds fresh_;
    std::string live_key_;
};

// The keys that a partition holds back, as "=parked" tells them. Rows of key, reason and detail.
std::string parked_json(const pq::Rows& rows);

}  // namespace skald::projections::redis
