// Against the test run's own PostgreSQL.
#include "eventstore/postgres/secrets.h"

#include <gtest/gtest.h>

#include <future>
#include <set>

#include "tests/support/database.h"

namespace skald::eventstore {
namespace {

TEST(SharedSecret, IsMadeOnceForAllWhoAskAtTheSameTime) {
    tests::Database database;
    std::vector<std::future<std::string>> asked;
    for (int i = 0; i < 8; ++i) {
        asked.push_back(std::async(std::launch::async, [&] {
            pq::Connection writer(database.writer());
            return shared_secret(writer, "cursor_key", 32);
        }));
    }
    std::set<std::string> different;
    for (auto& one : asked) different.insert(one.get());
    EXPECT_EQ(different.size(), 1U);
    EXPECT_EQ(different.begin()->size(), 32U);
}

TEST(SharedSecret, IsAnotherOneForEveryNameAndStore) {
    tests::Database one;
    tests::Database other;
    pq::Connection writer(one.writer());
    pq::Connection elsewhere(other.writer());
    const std::set<std::string> all{shared_secret(writer, "a", 32), shared_secret(writer, "b", 32),
                                    shared_secret(elsewhere, "a", 32)};
    EXPECT_EQ(all.size(), 3U);
    EXPECT_FALSE(all.contains(std::string(32, '\0')));
}

TEST(SharedSecret, IsNotForReaders) {
    tests::Database database;
    pq::Connection reader(database.reader());
    EXPECT_THROW(shared_secret(reader, "a", 32), pq::Error);
}

}  // namespace
}  // namespace skald::eventstore
