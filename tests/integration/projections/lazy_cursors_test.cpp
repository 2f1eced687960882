// Cursors of events that change nothing: when they are moved, and what if they cannot be.
#include <gtest/gtest.h>

#include "projections/engine/step.h"
#include "projections/migrations/migrations.h"
#include "tests/integration/projections/toy_projection.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace projections;

constexpr eventstore::Partition partition(3);

class LazyCursors : public testing::Test {
  protected:
    LazyCursors() { install(database.admin(), {&toys}); }

    std::string text(const std::string& sql) { return database.admin().query(sql).text(0, 0); }

    Database database{16, migrations()};
    Projection toys = toy_projection();
    ToyLog log{partition};
};

// Moving the cursors after every round was most of what projectors cost PostgreSQL at an even load.
TEST_F(LazyCursors, cursors_of_what_is_skipped_move_lazily_while_nobody_waits) {
    using namespace std::chrono_literals;
    log.add("a", "toy.noise").add("b", "toy.noise").add("c", "toy.noise").add("d", "toy.noise");
    std::atomic<bool> awaited = false;
    ProjectionStep step(toys, database.writer(), {},
                        {.pause = 1h, .awaited = [&] { return awaited.load(); }});
    ProjectionStep soon(toys, database.writer(), {}, {.pause = 30ms});
    const auto stored = [&] {
        return text("SELECT position::text FROM skald.projection_cursors WHERE partition = 3");
    };
    const std::span<const eventstore::StoredEvent> events(log.events());
    auto at = step.open(partition);
    EXPECT_GE(step.tick_within(), 1h);  // nothing to do
    at = step.apply(partition, at, events.first(1));
    step.tick();
    EXPECT_EQ(stored(), "0");
    awaited = true;
    step.tick();
    EXPECT_EQ(stored(), "1");
    awaited = false;
    at = step.apply(partition, at, events.subspan(1, 1));
    step.tick();
    EXPECT_EQ(stored(), "1");
    step.last_tick();
    EXPECT_EQ(stored(), "2");

    at = soon.open(partition);
    at = soon.apply(partition, at, events.subspan(2, 1));
    EXPECT_LE(soon.tick_within(), 30ms);
    at = soon.apply(partition, at, events.subspan(3, 1));  // does not begin the time anew
    std::this_thread::sleep_for(31ms);                     // the time that it promises
    EXPECT_EQ(soon.tick_within(), 0ms);
    soon.tick();
    EXPECT_EQ(stored(), "4");
}

// While PostgreSQL was away its projectors asked it without a pause.
TEST_F(LazyCursors, cursors_that_cannot_be_moved_are_tried_again_after_a_pause) {
    using namespace std::chrono_literals;
    log.add("a", "toy.noise");
    ProjectionStep step(toys, database.writer(), {}, {.pause = 1ms});
    const std::span<const eventstore::StoredEvent> events(log.events());
    step.apply(partition, step.open(partition), events);
    database.admin().query("ALTER TABLE skald.projection_cursors RENAME TO mislaid");
    std::this_thread::sleep_for(2ms);  // the time that it promises
    EXPECT_ANY_THROW(step.tick());
    EXPECT_GT(step.tick_within(), 50ms);
    EXPECT_NO_THROW(step.tick()) << "it asked again at once";
    database.admin().query("ALTER TABLE skald.mislaid RENAME TO projection_cursors");
    std::this_thread::sleep_for(110ms);  // the pause
    step.tick();
    EXPECT_EQ(text("SELECT position::text FROM skald.projection_cursors WHERE partition = 3"), "1");
}

}  // namespace
}  // namespace skald::tests
