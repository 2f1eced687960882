// A bounded pool of PostgreSQL connections for short reads. Thread-safe. A connection that was lost
// is thrown away; a free one that the server closed meanwhile is found out by its next use. Nothing
// can be written on them, and their plans are pinned to indexes (sql/pin_plans.sql).
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "eventstore/postgres/pq.h"

namespace skald::projections {

class PgPool {
  public:
    // At most `size` connections, made on demand.
    PgPool(pq::Settings settings, std::size_t size);

    // A connection for as long as this object lives.
    class Lease {
      public:
        ~Lease();
        Lease(Lease&& other) noexcept = default;
        Lease(const Lease&) = delete;
        pq::Connection& operator*() { return *connection_; }
        pq::Connection* operator->() { return connection_.get(); }
        // The connection is fresh: what fails on it does not fail for its age.
        bool fresh() const { return fresh_; }
        // Throws the connection away, so that it is not handed out again.
        void discard() { connection_.reset(); }

      private:
        friend class PgPool;
        Lease(PgPool* pool, std::unique_ptr<pq::Connection> connection, bool fresh)
            : pool_(pool), connection_(std::move(connection)), fresh_(fresh) {}
        struct Nothing {
            void operator()(PgPool*) const {}
        };
        std::unique_ptr<PgPool, Nothing> pool_;
        std::unique_ptr<pq::Connection> connection_;
        bool fresh_;
    };

    // Throws eventstore::Unavailable when none gets free before `deadline` or none can be made.
    Lease acquire(std::chrono::steady_clock::time_point deadline);

  private:
    void give_back(std::unique_ptr<pq::Connection> connection);

    pq::Settings settings_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<pq::Connection>> free_;
    std::size_t unused_;  // connections that may still be made
};

}  // namespace skald::projections
