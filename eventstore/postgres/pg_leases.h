// Leases in PostgreSQL, by its clock, shared out among all processes of a store that run a follower
// of the same name. One thread per instance.
#pragma once

#include <string>
#include <vector>

#include "eventstore/postgres/pq.h"
#include "eventstore/step.h"

namespace skald::eventstore {

// Names this process among all that share a database: host, process, and something random.
std::string make_lease_owner();

struct LeaseOptions {
    std::string name;                        // the follower's
    std::string owner = make_lease_owner();  // this follower's, among those of its name
    std::chrono::milliseconds duration{3000};
};

class PgLeases : public Leases {
  public:
    // Needs the writer's role. Answers are awaited for half the lease at most, so that a renewal
    // that hangs can be tried again in time.
    PgLeases(pq::Settings settings, LeaseOptions options, std::int32_t partitions);

    std::chrono::milliseconds duration() const override { return options_.duration; }
    std::vector<Partition> renew() override;
    void release_all() override;
    const std::string& owner() const { return options_.owner; }

  private:
    pq::Session session_;
    LeaseOptions options_;
    std::int32_t partitions_;
};

// A lease as operators see it.
struct LeaseSeen {
    std::string name;
    Partition partition;
    std::string owner;
    std::int64_t epoch;  // counts the partition's owners
    std::chrono::milliseconds left;
};

// All that are held now, by name and partition.
std::vector<LeaseSeen> read_leases(pq::Connection& connection);

}  // namespace skald::eventstore
