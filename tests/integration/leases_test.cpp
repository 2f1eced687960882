// The rules of leases, held by both implementations: in memory, and in a real PostgreSQL.
#include <gtest/gtest.h>

#include <set>

#include "eventstore/memory_leases.h"
#include "eventstore/postgres/pg_leases.h"
#include "tests/support/database.h"
#include "tests/support/eventually.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

// Makes leases of 16 partitions that share one table.
class Table {
  public:
    virtual ~Table() = default;
    virtual std::unique_ptr<Leases> owner(const std::string& name) = 0;
};

class InMemory : public Table {
  public:
    explicit InMemory(std::chrono::milliseconds duration) : table_(16, duration) {}
    std::unique_ptr<Leases> owner(const std::string& name) override {
        return std::make_unique<MemoryLeases>(table_, name);
    }

  private:
    MemoryLeaseTable table_;
};

class InPostgres : public Table {
  public:
    explicit InPostgres(std::chrono::milliseconds duration) : duration_(duration) {}
    std::unique_ptr<Leases> owner(const std::string& name) override {
        return std::make_unique<PgLeases>(
            database_.writer(), LeaseOptions{.name = "f", .owner = name, .duration = duration_},
            16);
    }

  private:
    Database database_;
    std::chrono::milliseconds duration_;
};

struct Kind {
    const char* name;
    std::unique_ptr<Table> (*make)(std::chrono::milliseconds);
};

const Kind kinds[] = {
    {"memory", [](auto d) -> std::unique_ptr<Table> { return std::make_unique<InMemory>(d); }},
    {"postgres", [](auto d) -> std::unique_ptr<Table> { return std::make_unique<InPostgres>(d); }},
};

class LeaseRules : public testing::TestWithParam<Kind> {
  protected:
    void use(std::chrono::milliseconds duration) { table = GetParam().make(duration); }
    Leases& owner(const std::string& name) {
        auto& one = owners[name];
        if (!one) one = table->owner(name);
        return *one;
    }
    std::size_t renew(const std::string& name) {
        held[name] = owner(name).renew();
        return held[name].size();
    }
    // What the named owners were told last; a partition that two of them hold is a failure.
    std::size_t held_by(const std::vector<std::string>& names) {
        std::set<Partition> all;
        for (const auto& name : names) {
            for (const auto& partition : held[name]) {
                EXPECT_TRUE(all.insert(partition).second) << name << " " << partition;
            }
        }
        return all.size();
    }

    std::unique_ptr<Table> table;
    std::map<std::string, std::unique_ptr<Leases>> owners;
    std::map<std::string, std::vector<Partition>> held;
};

TEST_P(LeaseRules, a_single_owner_gets_all_and_keeps_them) {
    use(10s);
    EXPECT_EQ(renew("a"), 16u);
    EXPECT_EQ(renew("a"), 16u);
}

TEST_P(LeaseRules, a_newcomer_gets_its_share_once_it_was_given_up) {
    use(10s);
    renew("a");
    EXPECT_EQ(renew("b"), 0u);  // nothing is taken from a living owner
    EXPECT_EQ(renew("a"), 8u);
    EXPECT_EQ(renew("b"), 8u);
    EXPECT_EQ(held_by({"a", "b"}), 16u);
}

TEST_P(LeaseRules, shares_differ_by_at_most_one) {
    use(10s);
    for (int round = 0; round < 2; ++round) {
        for (const auto* name : {"a", "b", "c"}) renew(name);
    }
    EXPECT_EQ(held["a"].size(), 6u);
    EXPECT_EQ(held["b"].size(), 5u);
    EXPECT_EQ(held["c"].size(), 5u);
    EXPECT_EQ(held_by({"a", "b", "c"}), 16u);
}

TEST_P(LeaseRules, who_is_one_too_many_waits) {
    use(10s);
    std::vector<std::string> names;
    for (char c = 'a'; c < 'a' + 17; ++c) names.emplace_back(1, c);
    for (int round = 0; round < 3; ++round) {
        for (const auto& name : names) renew(name);
    }
    EXPECT_EQ(held_by(names), 16u);
    EXPECT_EQ(held["q"].size(), 0u);
}

TEST_P(LeaseRules, what_is_released_is_free_at_once) {
    use(10s);
    renew("a");
    renew("b");
    renew("a");
    renew("b");
    owner("a").release_all();
    EXPECT_EQ(renew("b"), 16u);
    EXPECT_EQ(renew("a"), 0u);
}

TEST_P(LeaseRules, what_is_not_renewed_is_free_after_its_time) {
    use(300ms);
    renew("a");
    EXPECT_EQ(renew("b"), 0u);
    // b stays alive, a does not.
    EXPECT_TRUE(eventually([&] { return renew("b") == 16; }, 5s));
    EXPECT_EQ(renew("a"), 0u);
    held["a"].clear();
    EXPECT_EQ(renew("b"), 8u);
    EXPECT_EQ(renew("a"), 8u);
    EXPECT_EQ(held_by({"a", "b"}), 16u);
}

TEST_P(LeaseRules, an_owner_that_was_late_keeps_what_nobody_took) {
    use(50ms);
    renew("a");
    std::this_thread::sleep_for(100ms);  // its time runs out
    EXPECT_EQ(renew("a"), 16u);
}

INSTANTIATE_TEST_SUITE_P(Both, LeaseRules, testing::ValuesIn(kinds),
                         [](const auto& kind) { return kind.param.name; });

class PgLeasesTest : public testing::Test {
  protected:
    PgLeases leases(const std::string& name, const std::string& owner) {
        return PgLeases(database.writer(), {.name = name, .owner = owner, .duration = 5s}, 4);
    }
    Database database{4};
};

TEST_F(PgLeasesTest, names_do_not_share) {
    auto one = leases("relay", "me");
    auto two = leases("orders", "me");
    EXPECT_EQ(one.renew().size(), 4u);
    EXPECT_EQ(two.renew().size(), 4u);
}

TEST_F(PgLeasesTest, operators_see_owner_epoch_and_time_left) {
    auto one = leases("relay", "first");
    one.renew();
    one.release_all();
    EXPECT_TRUE(read_leases(database.admin()).empty());
    auto two = leases("relay", "second");
    two.renew();
    two.renew();
    const auto seen = read_leases(database.admin());
    ASSERT_EQ(seen.size(), 4u);
    EXPECT_EQ(seen[3].partition, Partition(3));
    EXPECT_EQ(seen[3].owner, "second");
    EXPECT_EQ(seen[3].epoch, 2);
    EXPECT_GT(seen[3].left, 3s);
    EXPECT_LE(seen[3].left, 5s);
}

TEST_F(PgLeasesTest, a_cut_connection_is_told_and_made_anew) {
    auto one = leases("relay", "me");
    one.renew();
    database.admin().query(
        "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a "
        "WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() "
        "AND a.backend_type = 'client backend'");
    EXPECT_THROW(one.renew(), Unavailable);
    EXPECT_EQ(one.renew().size(), 4u);
}

TEST_F(PgLeasesTest, a_renewal_that_hangs_is_given_up_within_half_a_lease) {
    auto one = PgLeases(database.writer(), {.name = "relay", .owner = "me", .duration = 600ms}, 4);
    one.renew();
    pq::Connection blocker(database.owner());
    pq::Transaction transaction(blocker);
    blocker.query("SELECT pg_advisory_xact_lock(hashtextextended('skald.leases relay', 0))");
    const auto began = std::chrono::steady_clock::now();
    EXPECT_ANY_THROW(one.renew());
    EXPECT_LT(std::chrono::steady_clock::now() - began, 550ms);
}

TEST_F(PgLeasesTest, owners_made_up_by_one_process_differ) {
    EXPECT_NE(make_lease_owner(), make_lease_owner());
}

}  // namespace
}  // namespace skald::tests
