// What Redis holds of a read table: it follows PostgreSQL, never goes back, and may be lost.
#include <gtest/gtest.h>

#include <thread>

#include "projections/redis/ranking_store.h"
#include "projections/redis/sql.h"
#include "tests/integration/projections/redis_rig.h"

namespace skald::tests {
namespace {

TEST_F(ProjectionsRedis, answers_with_values_and_the_position_they_reflect) {
    EXPECT_EQ(in_redis("a"), "-");
    log.add("a", "toy.opened").add("a", "toy.filled", "5").add("b", "toy.opened");
    follow();
    auto boxes = mirror();
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "5 at 3");
    EXPECT_EQ(in_redis("b", Position(3)), "0 at 3");
    EXPECT_EQ(in_redis("b", Position(4)), "-");
    EXPECT_EQ(in_redis("nobody"), "-");

    log.add("b", "toy.filled", "2").add("c", "toy.noise");
    follow();
    feed_all(boxes);
    EXPECT_EQ(in_redis("b", Position(5)), "2 at 5");
    EXPECT_EQ(in_redis("a", Position(5)), "5 at 5");
}

TEST_F(ProjectionsRedis, is_filled_again_after_flushall_and_silent_until_it_is_whole) {
    for (const auto* box : {"a", "b", "c", "d", "e"})
        log.add(box, "toy.opened").add(box, "toy.filled", "3");
    follow(2);
    auto boxes = mirror(2);
    feed_all(boxes);
    ASSERT_EQ(in_redis("a"), "3 at 10");
    const auto before = cursor_in_redis();

    client.command({"FLUSHALL"});
    client.command({"SCRIPT", "FLUSH"});
    EXPECT_EQ(in_redis("a"), "-");
    EXPECT_TRUE(boxes.feed(client));
    EXPECT_TRUE(cursor_in_redis().ends_with(" -1")) << cursor_in_redis();
    EXPECT_EQ(in_redis("a"), "-");
    feed_all(boxes);
    EXPECT_EQ(cursor_in_redis(), before);
    for (const auto* box : {"a", "b", "c", "d", "e"}) EXPECT_EQ(in_redis(box), "3 at 10") << box;
}

TEST_F(ProjectionsRedis, one_revision_with_more_rows_than_a_call_takes_goes_in_whole) {
    for (int i = 0; i < 50; ++i) log.add("box" + std::to_string(i), "toy.opened");
    follow();
    auto boxes = mirror(2);
    feed_all(boxes);
    EXPECT_EQ(in_redis("box0"), "0 at 50");
    EXPECT_EQ(in_redis("box49"), "0 at 50");
}

struct LatePut {
    const char* who;
    std::vector<std::string> arguments;  // from, to, position, parked, field, value
};

TEST_F(ProjectionsRedis, a_mirror_that_comes_too_late_changes_nothing) {
    const std::string key = "late";
    const auto put = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin() + 4, "0");  // all are kept
        return client.script(projections_redis::sql::put_rows_lua, {key}, arguments).number();
    };
    EXPECT_EQ(put({"0", "10", "100", "{}", "v:a", "new"}), 10);
    for (const auto& late :
         {LatePut{"one that began before", {"0", "5", "50", "{}", "v:a", "old"}},
          LatePut{"one at an older revision", {"5", "11", "110", "{}", "v:a", "old"}},
          LatePut{"one that stays", {"10", "10", "100", "{}", "v:a", "old"}},
          LatePut{"one that goes back", {"10", "9", "90", "{}", "v:a", "old"}}}) {
        EXPECT_EQ(put(late.arguments), 10) << late.who;
        EXPECT_EQ(client.command({"HGET", key, "v:a"}).text(), "new") << late.who;
        EXPECT_EQ(client.command({"HGET", key, "=cursor"}).text(), "10 100") << late.who;
    }
    client.command({"FLUSHALL"});
    EXPECT_EQ(put({"10", "11", "110", "{}", "v:a", "newer"}), 0)
        << "wiped between reading and writing";
    EXPECT_EQ(client.command({"EXISTS", key}).number(), 0);
}

TEST_F(ProjectionsRedis, rankings_do_not_go_back_in_any_partition) {
    EXPECT_TRUE(redis::put_ranking(client, "t", 7, R"({"heads":[5,5],"rows":1})"));
    EXPECT_FALSE(redis::put_ranking(client, "t", 7, R"({"heads":[9,4],"rows":2})"));
    EXPECT_TRUE(redis::put_ranking(client, "t", 7, R"({"heads":[5,6],"rows":3})"));
    EXPECT_TRUE(redis::put_ranking(client, "t", 30, R"({"heads":[1,1],"rows":4})"));
    EXPECT_EQ(redis::get_ranking(client, "t", 7), R"({"heads":[5,6],"rows":3})");
    EXPECT_EQ(cache.ranking(30), R"({"heads":[1,1],"rows":4})");
}

TEST_F(ProjectionsRedis, says_which_keys_are_parked_and_no_longer_once_they_are_released) {
    log.add("a", "toy.opened").add("b", "toy.opened").add("a", "toy.filled", "-3");
    follow(1);
    auto boxes = mirror();
    feed_all(boxes);
    const auto held_back = cache.rows(toys, {{partition, "a", Position(3)}}).front();
    ASSERT_TRUE(held_back && held_back->parked);
    EXPECT_EQ(held_back->parked->reason, "refused");
    EXPECT_FALSE(cache.rows(toys, {{partition, "b", Position(3)}}).front()->parked);

    database.admin().script("UPDATE skald_read.boxes_v1 SET content = 5 WHERE box = 'a'");
    pq::Connection operator_connection(database.writer());
    ASSERT_EQ(release(operator_connection, toys, "a").applied, 1);
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "2 at 3");
    EXPECT_FALSE(cache.rows(toys, {{partition, "a", Position(3)}}).front()->parked);
}

TEST_F(ProjectionsRedis, another_live_version_has_its_own_mirror_and_the_old_one_goes) {
    log.add("a", "toy.opened").add("a", "toy.filled", "5");
    follow();
    auto boxes = mirror();
    feed_all(boxes);
    const auto old_key = hash_key();
    ASSERT_EQ(client.command({"EXISTS", old_key}).number(), 1);

    create_version(database.admin(), toys, 2, "live");
    database.admin().script("UPDATE skald.projections SET live_version = 2");
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "-");
    EXPECT_EQ(client.command({"EXISTS", old_key}).number(), 0);
    follow();
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "5 at 2");
}

TEST_F(ProjectionsRedis, what_is_ahead_of_postgresql_is_thrown_away) {
    log.add("a", "toy.opened").add("a", "toy.filled", "5");
    follow();
    auto boxes = mirror();
    feed_all(boxes);
    client.command({"HSET", hash_key(), "=cursor", "1000000 1000000"});
    client.command({"HSET", hash_key(), "v:a", "77"});
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "5 at 2");
}

// PostgreSQL lost the projector's last transactions in a crash and has taken some of the events
// anew, by later revisions: row for row newer than Redis, while Redis says that it is further.
TEST_F(ProjectionsRedis, what_is_ahead_in_position_alone_is_thrown_away_too) {
    log.add("a", "toy.opened").add("a", "toy.filled", "5").add("a", "toy.filled", "7");
    follow();
    auto boxes = mirror();
    feed_all(boxes);
    ASSERT_EQ(in_redis("a", Position(3)), "12 at 3");
    database.admin().script(
        "UPDATE skald.projection_cursors SET position = 2, revision = revision + 1000000 WHERE "
        "position = 3; UPDATE skald_read.boxes_v1 SET content = 5, position = 2, revision = "
        "revision + 1000000");
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "5 at 2");
    EXPECT_EQ(in_redis("a", Position(3)), "-");
}

TEST_F(ProjectionsRedis, killed_or_frozen_holds_up_neither_projector_nor_queries_and_comes_back) {
    log.add("a", "toy.opened").add("a", "toy.filled", "5");
    follow();
    Progress progress({"toys"}, partitions);
    std::vector<std::unique_ptr<redis::Feed>> feeds;
    feeds.push_back(
        std::make_unique<redis::Mirror>(mirrored_boxes(), database.reader(), "t", partitions));
    redis::Feeder feeder(
        {.address = server.address(), .connect_timeout = 200ms, .command_timeout = 200ms}, progress,
        std::move(feeds), 20ms);
    const auto eventually = [&](const std::string& expected) {
        for (int i = 0; i < 1000 && in_redis("a") != expected; ++i)
            std::this_thread::sleep_for(10ms);  // sleep: the feeder tells nobody what it did
        return in_redis("a");
    };
    ASSERT_EQ(eventually("5 at 2"), "5 at 2");

    server.freeze();
    log.add("a", "toy.filled", "1");
    follow();
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(in_redis("a"), "-");
    EXPECT_EQ(in_redis("a"), "-");  // not asked at all
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 5s);
    server.thaw();
    EXPECT_EQ(eventually("6 at 3"), "6 at 3");

    server.kill();
    log.add("a", "toy.filled", "1");
    follow();
    EXPECT_EQ(in_redis("a"), "-");
    server.start();
    EXPECT_EQ(eventually("7 at 4"), "7 at 4");
}

// One step of a mirror that does not bring all: the position stays, and with it what was held back
// there, for the rows that did not come yet are of then.
TEST_F(ProjectionsRedis, a_step_that_does_not_bring_all_leaves_the_parked_keys_as_they_were) {
    const auto put = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin() + 4, "0");  // all are kept
        client.script(projections_redis::sql::put_rows_lua, {"steps"}, arguments);
        return client.command({"HGET", "steps", "=parked"}).text().value_or("none") + " at " +
               client.command({"HGET", "steps", "=cursor"}).text().value_or("none");
    };
    EXPECT_EQ(put({"0", "10", "100", R"({"a":["r","d"]})", "v:a", "1"}),
              R"({"a":["r","d"]} at 10 100)");
    EXPECT_EQ(put({"10", "12", "-1", "{}", "v:b", "1"}), R"({"a":["r","d"]} at 12 100)");
    EXPECT_EQ(put({"12", "14", "140", "{}", "v:a", "2"}), "{} at 14 140");
}

// What no feed looks after any more goes away by itself: the mirror of a version, of a format or of
// a store that is gone, whose names nobody knows.
TEST_F(ProjectionsRedis, nothing_stays_for_ever) {
    log.add("a", "toy.opened");
    follow();
    auto boxes = mirror();
    feed_all(boxes);
    for (const auto& key : {redis::live_key("t", "toys", 1), hash_key()}) {
        const auto left = client.command({"TTL", key}).number();
        EXPECT_TRUE(left > 0 && left <= 86'400) << key << " " << left;
    }
    client.command({"EXPIRE", hash_key(), "100"});
    feed_all(boxes);
    EXPECT_GT(client.command({"TTL", hash_key()}).number(), 80'000);
}

// Another program's definition filled the tables: this one must not show them, nor may a program of
// that definition take for its own what this one has put there.
TEST_F(ProjectionsRedis, tables_of_another_definition_are_neither_mirrored_nor_read) {
    log.add("a", "toy.opened").add("a", "toy.filled", "5");
    follow();
    auto boxes = mirror();
    feed_all(boxes);
    ASSERT_EQ(in_redis("a"), "5 at 2");
    auto changed = toy_projection();
    changed.definition = 2;
    EXPECT_FALSE(cache.rows(changed, {{partition, "a", Position(0)}}).front());
    database.admin().script("UPDATE skald.projection_versions SET definition = 2");
    EXPECT_THROW(boxes.feed(client), std::runtime_error);
}

struct FailingFeed : redis::Feed {
    bool feed(redis::Client&) override { throw std::runtime_error("out of order"); }
};

TEST_F(ProjectionsRedis, a_feed_that_fails_does_not_stop_those_behind_it) {
    log.add("a", "toy.opened").add("a", "toy.filled", "5");
    follow();
    Progress progress({"toys"}, partitions);
    std::vector<std::unique_ptr<redis::Feed>> feeds;
    feeds.push_back(std::make_unique<FailingFeed>());
    feeds.push_back(
        std::make_unique<redis::Mirror>(mirrored_boxes(), database.reader(), "t", partitions));
    const redis::Feeder feeder({.address = server.address()}, progress, std::move(feeds), 20ms);
    for (int i = 0; i < 500 && in_redis("a") == "-"; ++i)
        std::this_thread::sleep_for(10ms);  // sleep: the feeder tells nobody what it did
    EXPECT_EQ(in_redis("a"), "5 at 2");
}

TEST_F(ProjectionsRedis, a_server_that_may_evict_is_unfit) {
    EXPECT_EQ(redis::unfit(client), std::nullopt);
    client.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    EXPECT_EQ(redis::unfit(client),
              "Redis may evict what read models keep in it (maxmemory-policy is allkeys-lru): "
              "set maxmemory-policy to noeviction");
}

TEST(redis_client, refuses_what_is_no_address) {
    for (const auto* address : {"", "localhost", ":6379", "localhost:", "localhost:x",
                                "localhost:0", "localhost:65536", "localhost:6379x"})
        EXPECT_THROW(Client({.address = address}), std::invalid_argument) << address;
}

}  // namespace
}  // namespace skald::tests
