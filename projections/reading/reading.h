// What the queries of read models need: connections, what this process knows of the projections'
// progress, and Redis where there is one. Made once, shared by all threads.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "eventstore/head_watch.h"
#include "projections/reading/pg_pool.h"
#include "projections/reading/read.h"

namespace skald::projections {

namespace redis {
class Cache;
}

// How far each projection is, as announced by the projectors of this process: wakes what waits for
// it. Thread-safe. A hint only: a query trusts the cursor it reads.
class Progress {
  public:
    // `names`: all projections there are. Another name in the calls below is a bug.
    Progress(const std::vector<std::string>& names, std::int32_t partitions);

    void announce(const std::string& name, Partition partition, Position position);
    eventstore::HeadWatch& of(const std::string& name) { return *watches_.at(name); }

    // The version of its tables that was live when it was read last; 0: not known. A hint, too.
    std::atomic<std::int32_t>& live_version(const std::string& name) {
        return live_versions_.at(name);
    }

    // Counts the announcements of all projections. wait() returns once it is above `seen`, or after
    // `timeout`, or when woken.
    std::uint64_t changes() const;
    void wait(std::uint64_t seen, std::chrono::milliseconds timeout);
    void wake();

  private:
    std::map<std::string, std::unique_ptr<eventstore::HeadWatch>> watches_;
    std::map<std::string, std::atomic<std::int32_t>> live_versions_;
    mutable std::mutex mutex_;
    std::condition_variable moved_;
    std::uint64_t changes_ = 0;
};

// How many queries may wait for a read model at once, each on the thread it came with, so that some
// threads stay free for those that need not. Thread-safe.
class Waits {
  public:
    // Nobody waits any more once `ended`, which outlives this.
    Waits(std::size_t places, const std::atomic<bool>& ended) : places_(places), ended_(ended) {}

    // A place to wait in, while this lives.
    class Place {
      public:
        Place() = default;
        ~Place() {
            if (of_) --of_->taken_;
        }
        Place(const Place&) = delete;
        // False when all places are taken. Without `waits` there is always one.
        bool take(Waits* waits) {
            if (!waits || of_) return true;
            if (++waits->taken_ > waits->places_) {
                --waits->taken_;
                return false;
            }
            of_ = waits;
            return true;
        }

      private:
        Waits* of_ = nullptr;
    };
    bool ended() const { return ended_; }

  private:
    const std::size_t places_;
    const std::atomic<bool>& ended_;
    std::atomic<std::size_t> taken_ = 0;
};

// Queries throw eventstore::Unavailable when PostgreSQL cannot be reached or no connection gets
// free before the request's deadline, std::invalid_argument when a page's keys are not of its sort.
struct Reading {
    PgPool& pool;
    Progress& progress;
    std::int32_t partitions = 0;
    redis::Cache* cache = nullptr;  // null: PostgreSQL answers everything
    Waits* waits = nullptr;         // null: all may wait
};

}  // namespace skald::projections
