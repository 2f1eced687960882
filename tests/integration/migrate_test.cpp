// Migrations on a real database: up, down, up again, and everything that must stop them.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace eventstore;

constexpr Migration first{9001, "first", "CREATE TABLE skald.one (n integer)",
                          "DROP TABLE skald.one"};
constexpr Migration second{9002, "second", "CREATE TABLE skald.two (n integer)",
                           "DROP TABLE skald.two"};
constexpr Migration broken{9003, "broken", "CREATE TABLE skald.three (n integer); SELECT 1/0", ""};

std::vector<Migration> with_log(std::initializer_list<Migration> more) {
    std::vector<Migration> all(log_migrations().begin(), log_migrations().end());
    all.insert(all.end(), more);
    return all;
}

bool exists(pq::Connection& connection, const std::string& table) {
    return connection.query("SELECT to_regclass($1) IS NOT NULL", pq::Params().text(table))
        .boolean(0, 0);
}

TEST(Migrate, UpDownAndUpAgain) {
    Database database;
    auto& owner = database.admin();
    const auto all = with_log({first, second});
    EXPECT_EQ(migrate_up(owner, all), 2);
    EXPECT_EQ(migrate_up(owner, all), 0);
    EXPECT_EQ(migrate_down(owner, all, 1), 1);
    EXPECT_TRUE(exists(owner, "skald.one"));
    EXPECT_FALSE(exists(owner, "skald.two"));
    EXPECT_EQ(migrate_up(owner, all), 1);
    EXPECT_EQ(migrate_down(owner, all, 1000), static_cast<int>(all.size()));
    EXPECT_FALSE(exists(owner, "skald.events"));
    EXPECT_EQ(migrate_up(owner, all), static_cast<int>(all.size()));
    EXPECT_TRUE(exists(owner, "skald.events"));
}

TEST(Migrate, AMigrationThatFailsLeavesNothingBehind) {
    Database database;
    EXPECT_THROW(migrate_up(database.admin(), with_log({first, broken})), pq::Error);
    EXPECT_TRUE(exists(database.admin(), "skald.one"));
    EXPECT_FALSE(exists(database.admin(), "skald.three"));
    EXPECT_EQ(migration_status(database.admin(), with_log({first, broken})).back().state,
              MigrationState::pending);
}

TEST(Migrate, AnAppliedMigrationThatWasEditedIsRefused) {
    Database database;
    migrate_up(database.admin(), with_log({first}));
    auto edited = first;
    edited.up = "CREATE TABLE skald.one (n bigint)";
    EXPECT_THROW(migrate_up(database.admin(), with_log({edited})), MigrationRefused);
    EXPECT_EQ(migration_status(database.admin(), with_log({edited})).back().state,
              MigrationState::changed);
}

TEST(Migrate, ADatabaseNewerThanTheProgramIsRefused) {
    Database database;
    migrate_up(database.admin(), with_log({first}));
    EXPECT_THROW(migrate_up(database.admin(), log_migrations()), MigrationRefused);
    EXPECT_THROW(migrate_down(database.admin(), log_migrations(), 1), MigrationRefused);
}

TEST(Migrate, TwoAtOnceApplyEachMigrationOnce) {
    Database database;
    const auto all = with_log({first, second});
    std::atomic<int> applied{0};
    {
        std::vector<std::jthread> runs;
        for (int i = 0; i < 4; ++i) {
            runs.emplace_back([&] {
                pq::Connection owner(database.owner());
                applied += migrate_up(owner, all);
            });
        }
    }
    EXPECT_EQ(applied, 2);
}

}  // namespace
}  // namespace skald::tests
