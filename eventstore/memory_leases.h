// Leases in memory, by the monotonic clock: for tests, and the readable form of the rules that
// PgLeases keeps in PostgreSQL. Owners that share a table share out its partitions. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "eventstore/step.h"

namespace skald::eventstore {

// How many partitions fall to the `rank`-th (from 0) of `owners` live owners.
std::int32_t fair_share(std::int32_t partitions, std::int32_t owners, std::int32_t rank);

class MemoryLeaseTable {
  public:
    MemoryLeaseTable(std::int32_t partitions, std::chrono::milliseconds duration);

    std::vector<Partition> renew(const std::string& owner);
    void release_all(const std::string& owner);
    std::chrono::milliseconds duration() const { return duration_; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Lease {
        std::string owner;
        Clock::time_point expires{};
    };

    const std::chrono::milliseconds duration_;
    std::mutex mutex_;
    std::map<std::string, Clock::time_point> owners_;
    std::vector<Lease> leases_;
};

class MemoryLeases : public Leases {
  public:
    MemoryLeases(MemoryLeaseTable& table, std::string owner)
        : table_(table), owner_(std::move(owner)) {}

    std::chrono::milliseconds duration() const override { return table_.duration(); }
    std::vector<Partition> renew() override { return table_.renew(owner_); }
    void release_all() override { table_.release_all(owner_); }

  private:
    MemoryLeaseTable& table_;
    std::string owner_;
};

}  // namespace skald::eventstore
