// Leases that are released while somebody renews. Renewing locks the owners' rows before the
// leases' and releasing did it the other way round, so the two could deadlock.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "eventstore/postgres/pg_leases.h"
#include "tests/support/database.h"

namespace skald::eventstore {
namespace {

using namespace std::chrono_literals;

TEST(PgLeases, ReleasingWaitsForARenewalInsteadOfDeadlockingWithIt) {
    tests::Database database(4);
    auto settings = database.writer();
    settings.application_name = "releasing";
    PgLeases leases(settings, {.name = "test", .owner = "one", .duration = 10s}, 4);
    ASSERT_EQ(leases.renew().size(), 4U);

    // Another owner's renewal, step by step: it finds this one's expired.
    auto& admin = database.admin();
    admin.script("BEGIN");
    admin.query(
        "SELECT pg_advisory_xact_lock(hashtextextended('skald.leases ' || 'test', 0)) AS locked");
    admin.script("DELETE FROM skald.lease_owners WHERE name = 'test' AND owner = 'one'");
    auto released = std::async(std::launch::async, [&] { leases.release_all(); });
    pq::Connection looking(database.owner());
    const auto waits = [&] {
        return looking
                   .query(
                       "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                       "'releasing' AND wait_event_type = 'Lock'")
                   .int8(0, 0) == 1;
    };
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!waits() && std::chrono::steady_clock::now() < end) {
        // sleep: polls a condition that another process brings about
        std::this_thread::sleep_for(10ms);
    }
    ASSERT_TRUE(waits());
    EXPECT_NO_THROW(admin.script("UPDATE skald.leases SET owner = NULL WHERE name = 'test'"));
    admin.script("COMMIT");
    EXPECT_NO_THROW(released.get());
    EXPECT_TRUE(read_leases(looking).empty());
}

}  // namespace
}  // namespace skald::eventstore
