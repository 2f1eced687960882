// How much a mirror takes: of Redis in all, and in one call.
#include <gtest/gtest.h>

#include "tests/integration/projections/redis_rig.h"

namespace skald::tests {
namespace {

// What changes without end has a place for so many in a partition; whoever else is asked for is
// PostgreSQL's to tell.
TEST_F(ProjectionsRedis, keeps_so_many_and_the_first_that_came_is_the_first_to_go) {
    auto bounded = mirrored_boxes();
    bounded.kept_max = 3 * partitions;
    bounded.before_last =
        "SELECT b.revision FROM skald_read.boxes_vN AS b WHERE b.partition = $1 "
        "ORDER BY b.revision DESC OFFSET $2 LIMIT 1";
    redis::Mirror boxes(bounded, database.reader(), "t", partitions);
    const auto there = [&] {
        std::string found;
        for (const auto* box : {"a", "b", "c", "d", "e"}) found += in_redis(box) + ", ";
        return found;
    };
    const auto size = [&] { return client.command({"HLEN", hash_key()}).number(); };
    log.add("a", "toy.opened").add("b", "toy.opened").add("c", "toy.opened");
    follow(1);
    feed_all(boxes);
    EXPECT_EQ(there(), "0 at 3, 0 at 3, 0 at 3, -, -, ");
    const auto full = size();
    log.add("b", "toy.filled", "7").add("d", "toy.opened");
    follow(1);
    feed_all(boxes);
    EXPECT_EQ(there(), "-, 7 at 5, 0 at 5, 0 at 5, -, ");
    log.add("a", "toy.filled", "1").add("e", "toy.opened");  // b and c came first
    follow(1);
    feed_all(boxes);
    EXPECT_EQ(there(), "1 at 7, -, -, 0 at 7, 0 at 7, ");
    EXPECT_EQ(size(), full) << "whoever goes leaves nothing behind";

    client.command({"FLUSHALL"});
    feed_all(boxes);
    EXPECT_EQ(there(), "1 at 7, -, -, 0 at 7, 0 at 7, ") << "those that changed last";
    EXPECT_EQ(size(), full);
    log.add("a", "toy.filled", "1");
    follow(1);
    feed_all(boxes);
    EXPECT_EQ(in_redis("a", Position(8)), "2 at 8");
}

// A value may be too large to be kept: what was there before it must not be told any more.
TEST_F(ProjectionsRedis, what_has_no_value_any_more_is_not_answered) {
    auto selective = mirrored_boxes();
    selective.value_of = [](const pq::Rows& rows, int row) {
        const auto content = rows.int8(row, 2);
        return content > 5 ? std::string() : std::to_string(content);
    };
    redis::Mirror boxes(selective, database.reader(), "t", partitions);
    log.add("a", "toy.opened").add("b", "toy.opened");
    follow();
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "0 at 2");
    log.add("a", "toy.filled", "6");
    follow();
    feed_all(boxes);
    EXPECT_EQ(in_redis("a"), "-");
    EXPECT_EQ(in_redis("b"), "0 at 3");
}

// A call was bounded in rows alone, which may be large: a Redis that is nearly full went far beyond
// its limit with one.
TEST_F(ProjectionsRedis, a_call_takes_so_many_bytes_and_revisions_whole) {
    for (const auto* box : {"a", "b", "c", "d", "e"}) log.add(box, "toy.opened");
    follow(1);
    for (const auto* box : {"a", "b", "c", "d", "e"}) log.add(box, "toy.filled", "7");
    follow();  // one revision
    auto large = mirrored_boxes();
    large.value_of = [](const pq::Rows&, int) { return std::string(100'000, 'x'); };
    redis::Mirror boxes(large, database.reader(), "t", partitions, {.bytes_max = 250'000});
    const auto there = [&] { return client.command({"HLEN", hash_key()}).number(); };
    log.add("f", "toy.opened").add("g", "toy.opened");
    follow(1);
    std::vector<std::int64_t> steps;
    for (bool more = true; more;) {
        more = boxes.feed(client);
        steps.push_back(there());
    }
    // Five boxes of one revision and the cursor; two more, and what is parked.
    EXPECT_EQ(steps, (std::vector<std::int64_t>{6, 9}));
}

}  // namespace
}  // namespace skald::tests
