// The projections' engine on a real PostgreSQL: cursors, merging, parking, release.
#include <gtest/gtest.h>

#include "projections/engine/step.h"
#include "projections/migrations/migrations.h"
#include "tests/integration/projections/toy_projection.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace projections;
using eventstore::Cursor;
using eventstore::Fenced;
using eventstore::Partition;
using eventstore::Position;

constexpr Partition partition(3);

class ProjectionsEngine : public testing::Test {
  protected:
    ProjectionsEngine() { install(database.admin(), {&toys}); }

    // Takes all of the log behind the step's cursor, in runs of `size`.
    static Cursor follow(ProjectionStep& step, const ToyLog& log, std::size_t size = 100) {
        auto at = step.open(partition);
        const std::span<const eventstore::StoredEvent> events(log.events());
        while (static_cast<std::size_t>(at.position.value()) < events.size()) {
            const auto rest = events.subspan(static_cast<std::size_t>(at.position.value()));
            at = step.apply(partition, at, rest.first(std::min(size, rest.size())));
        }
        return at;
    }
    std::string boxes() {
        return text(
            "SELECT coalesce(string_agg(box || ' ' || coalesce(label, '-') || ' ' || content || "
            "' @' || position, ', ' ORDER BY box), '') FROM skald_read.boxes_v1");
    }
    std::string totals() {
        return text(
            "SELECT coalesce(string_agg(partition || ': ' || filled || ' in ' || fillings, ', '), "
            "'') FROM skald_read.totals_v1");
    }
    std::string parked() {
        return text(
            "SELECT coalesce(string_agg(k.key || ' ' || k.reason || ' @' || k.position || ' [' || "
            "(SELECT string_agg(e.position::text, ' ' ORDER BY e.position) FROM "
            "skald.parked_events "
            "e WHERE e.key = k.key) || ']', ', ' ORDER BY k.position), '') FROM skald.parked_keys "
            "k");
    }
    std::int64_t queued() {
        return database.admin().query("SELECT count(*) FROM skald.parked_events").int8(0, 0);
    }
    std::string text(const std::string& sql) { return database.admin().query(sql).text(0, 0); }

    Database database{16, migrations()};
    Projection toys = toy_projection();
    ToyLog log{partition};
};

// Each run of events that a projection does not care about cost it a transaction, which moved its
// cursor and did nothing else.
TEST_F(ProjectionsEngine, what_changes_nothing_moves_the_cursor_once_a_round) {
    log.add("a", "toy.noise").add("b", "toy.noise").add("c", "toy.opened", "Red");
    ProjectionStep step(toys, database.writer());
    const auto revision = [&] {
        return text(
            "SELECT position || '/' || revision % 1000000 FROM skald.projection_cursors"
            " WHERE partition = 3");  // of this owner
    };
    auto at = step.open(partition);
    const std::span<const eventstore::StoredEvent> events(log.events());
    at = step.apply(partition, at, events.first(1));
    at = step.apply(partition, at, events.subspan(1, 1));
    EXPECT_EQ(at.position, Position(2));
    EXPECT_EQ(revision(), "0/1");
    step.tick();
    EXPECT_EQ(revision(), "2/2");
    step.tick();
    EXPECT_EQ(revision(), "2/2");
    // What was skipped and not stored yet goes along with the next change.
    log.add("a", "toy.noise").add("b", "toy.noise").add("d", "toy.opened", "Blue");
    const std::span<const eventstore::StoredEvent> more(log.events());
    at = step.apply(partition, at, more.subspan(2, 1));
    at = step.apply(partition, at, more.subspan(3, 2));
    at = step.apply(partition, at, more.subspan(5, 1));
    EXPECT_EQ(revision(), "6/4");
    EXPECT_EQ(boxes(), "c Red 0 @3, d Blue 0 @6");
}

TEST_F(ProjectionsEngine, an_owner_that_only_skips_finds_itself_fenced_too) {
    log.add("a", "toy.noise");
    ProjectionStep first(toys, database.writer());
    ProjectionStep second(toys, database.writer());
    const auto at = first.open(partition);
    second.open(partition);
    first.apply(partition, at, log.events());
    try {
        first.tick();
        ADD_FAILURE() << "it moved a cursor that is another owner's";
    } catch (const eventstore::PartitionsFenced& fenced) {
        EXPECT_EQ(fenced.partitions, std::vector{partition});
    }
    EXPECT_EQ(text("SELECT position::text FROM skald.projection_cursors WHERE partition = 3"), "0");
}

TEST_F(ProjectionsEngine, merges_a_batch_into_one_row_each_by_the_columns_rules) {
    log.add("a", "toy.opened", "red").add("a", "toy.filled", "5").add("b", "toy.opened");
    log.add("a", "toy.filled", "7").add("a", "toy.labelled", "blue").add("c", "toy.opened", "x");
    log.add("c", "toy.filled", "4").add("c", "toy.dropped").add("b", "toy.filled", "-0");
    ProjectionStep step(toys, database.writer());
    follow(step, log);
    EXPECT_EQ(boxes(), "a blue 12 @5, b - 0 @9");
    EXPECT_EQ(totals(), "3: 16 in 4");
    EXPECT_EQ(text("SELECT light || ' ' || day || ' ' || filled_at FROM skald_read.boxes_v1 WHERE "
                   "box = 'a'"),
              "true 2023-11-14 2023-11-14 22:13:20.000004+00");
}

TEST_F(ProjectionsEngine, one_by_one_and_in_batches_of_any_size_come_to_the_same) {
    for (const auto* box : {"a", "b", "c"}) log.add(box, "toy.opened", "l");
    for (int i = 0; i < 30; ++i) {
        log.add(i % 2 == 0 ? "a" : "b", "toy.filled", std::to_string(i));
        if (i % 7 == 0) log.add("c", "toy.labelled", std::to_string(i));
        if (i % 11 == 0) log.add("c", "toy.dropped").add("c", "toy.opened", "again");
    }
    std::string expected;
    for (const std::size_t size : {1, 2, 7, 1000}) {
        ProjectionStep step(toys, database.writer());
        follow(step, log, size);
        if (expected.empty()) expected = boxes() + totals();
        EXPECT_EQ(boxes() + totals(), expected) << "in batches of " << size;
        pq::Transaction transaction(database.admin());
        drop_version(database.admin(), toys, 1);
        create_version(database.admin(), toys, 1, "live");
        transaction.commit();
    }
}

TEST_F(ProjectionsEngine, an_owner_that_was_succeeded_is_fenced_and_writes_nothing) {
    log.add("a", "toy.opened", "red").add("a", "toy.filled", "5");
    ProjectionStep first(toys, database.writer());
    ProjectionStep second(toys, database.writer());
    const auto at = first.open(partition);
    EXPECT_EQ(second.open(partition), at);
    EXPECT_THROW(first.apply(partition, at, log.events()), Fenced);
    EXPECT_EQ(boxes(), "");
    second.apply(partition, at, log.events());
    EXPECT_EQ(boxes(), "a red 5 @2");
    EXPECT_EQ(first.open(partition).position, Position(2));
}

TEST_F(ProjectionsEngine, a_run_that_does_not_begin_where_the_partition_stands_is_refused) {
    log.add("a", "toy.opened", "red");
    ProjectionStep step(toys, database.writer());
    const auto at = step.open(partition);
    step.apply(partition, at, log.events());
    EXPECT_THROW(step.apply(partition, at, log.events()), Fenced);
    step.close(partition);
    EXPECT_THROW(step.apply(partition, at, log.events()), Fenced);
    EXPECT_EQ(boxes(), "a red 0 @1");
}

TEST_F(ProjectionsEngine, what_cannot_be_decoded_parks_its_key_in_order_and_all_else_flows) {
    log.add("a", "toy.opened", "red").add("b", "toy.opened", "green").add("a", "toy.broken");
    log.add("b", "toy.filled", "1").add("a", "toy.filled", "2").add("a.part", "toy.opened");
    log.add("a", "toy.noise").add("b", "toy.filled", "3");
    ProjectionStep step(toys, database.writer());
    follow(step, log, 4);
    EXPECT_EQ(boxes(), "a red 0 @1, b green 4 @8");
    EXPECT_EQ(parked(), "a undecodable @3 [3 5 6]");
}

TEST_F(ProjectionsEngine, a_row_that_the_table_refuses_parks_its_event_and_nothing_else) {
    log.add("a", "toy.opened", "red").add("b", "toy.opened", "green");
    for (int i = 0; i < 20; ++i) log.add("b", "toy.filled", "1");
    log.add("a", "toy.filled", "-1").add("a", "toy.filled", "5").add("nobody", "toy.filled", "1");
    log.add("b", "toy.labelled", std::string("nul\0", 4));
    for (int i = 0; i < 20; ++i) log.add("a", "toy.filled", "1");
    log.add("c", "toy.opened", "white");
    ProjectionStep step(toys, database.writer());
    EXPECT_EQ(follow(step, log).position, Position(47));
    EXPECT_EQ(boxes(), "a red 0 @1, b green 20 @22, c white 0 @47");
    const auto keys = parked();
    EXPECT_TRUE(keys.starts_with("a refused @23 [23 24 27 28 ")) << keys;
    EXPECT_TRUE(keys.ends_with(" 46], nobody refused @25 [25], b refused @26 [26]")) << keys;
    EXPECT_EQ(totals(), "3: 20 in 20");
    EXPECT_EQ(text("SELECT detail FROM skald.parked_keys WHERE key = 'nobody'"),
              "a row of boxes that has to change is missing");
}

TEST_F(ProjectionsEngine, an_unknown_type_parks_until_a_program_that_knows_it_opens_the_partition) {
    log.add("a", "toy.opened", "red").add("a", "toy.later").add("a", "toy.filled", "2");
    log.add("b", "toy.opened", "green").add("b", "other.thing");
    ProjectionStep old_program(toys, database.writer());
    follow(old_program, log);
    EXPECT_EQ(parked(), "a unknown_type @2 [2 3], b unknown_type @5 [5]");
    follow(old_program, log);
    EXPECT_EQ(parked(), "a unknown_type @2 [2 3], b unknown_type @5 [5]");

    const auto knowing = toy_projection(true);
    ProjectionStep new_program(knowing, database.writer());
    log.add("a", "toy.filled", "3");
    follow(new_program, log);
    EXPECT_EQ(boxes(), "a red 5 @6, b green 0 @4");
    EXPECT_EQ(parked(), "b unknown_type @5 [5]");
}

TEST_F(ProjectionsEngine, a_newer_schema_version_of_a_known_type_is_an_unknown_type) {
    log.add("a", "toy.opened", "red");
    auto run = log.events();
    run[0].schema_version = 2;
    ProjectionStep step(toys, database.writer());
    step.apply(partition, step.open(partition), run);
    EXPECT_EQ(parked(), "a unknown_type @1 [1]");
}

TEST_F(ProjectionsEngine, release_applies_the_queue_in_order_and_fences_the_owner) {
    log.add("a", "toy.opened", "red").add("a", "toy.filled", "-3").add("a", "toy.labelled", "late");
    log.add("a", "toy.filled", "4");
    ProjectionStep step(toys, database.writer());
    const auto at = follow(step, log, 1);
    ASSERT_EQ(parked(), "a refused @2 [2 3 4]");
    auto operator_connection = std::make_unique<pq::Connection>(database.writer());

    auto released = release(*operator_connection, toys, "a");
    EXPECT_TRUE(released.was_parked);
    EXPECT_EQ(released.applied, 0);
    ASSERT_TRUE(released.still_parked);
    EXPECT_EQ(released.still_parked->reason, "refused");
    EXPECT_EQ(parked(), "a refused @2 [2 3 4]");

    database.admin().script("UPDATE skald_read.boxes_v1 SET content = 3");
    released = release(*operator_connection, toys, "a");
    EXPECT_EQ(released.applied, 3);
    EXPECT_FALSE(released.still_parked);
    EXPECT_EQ(parked(), "");
    EXPECT_EQ(queued(), 0);
    EXPECT_EQ(boxes(), "a late 4 @4");

    log.add("a", "toy.filled", "1");
    EXPECT_THROW(step.apply(partition, at, std::span(log.events()).last(1)), Fenced);
    follow(step, log);
    EXPECT_EQ(boxes(), "a late 5 @5");
    EXPECT_FALSE(release(*operator_connection, toys, "a").was_parked);
}

TEST_F(ProjectionsEngine, release_stops_at_the_next_event_that_cannot_be_applied) {
    log.add("a", "toy.opened", "red").add("a", "toy.filled", "-3").add("a", "toy.filled", "4");
    log.add("a", "toy.broken").add("a", "toy.filled", "1");
    ProjectionStep step(toys, database.writer());
    follow(step, log, 1);
    database.admin().script("UPDATE skald_read.boxes_v1 SET content = 3");
    pq::Connection operator_connection(database.writer());
    const auto released = release(operator_connection, toys, "a");
    EXPECT_EQ(released.applied, 2);
    ASSERT_TRUE(released.still_parked);
    EXPECT_EQ(boxes(), "a red 4 @3");
    EXPECT_EQ(parked(), "a undecodable @4 [4 5]");
}

TEST_F(ProjectionsEngine, a_connection_that_was_cut_is_made_anew_and_nothing_is_applied_twice) {
    log.add("a", "toy.opened", "red").add("a", "toy.filled", "5");
    ProjectionStep step(toys, database.writer());
    auto at = step.open(partition);
    at = step.apply(partition, at, std::span(log.events()).first(1));
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND backend_type = 'client backend'");
    EXPECT_THROW(step.apply(partition, at, std::span(log.events()).last(1)),
                 eventstore::Unavailable);
    follow(step, log);
    follow(step, log);
    EXPECT_EQ(boxes(), "a red 5 @2");
}

TEST_F(ProjectionsEngine, tables_of_another_definition_are_not_followed) {
    auto changed = toy_projection();
    changed.definition = 2;
    ProjectionStep step(changed, database.writer());
    try {
        step.open(partition);
        FAIL() << "opened tables of another definition";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(),
                     "projection toys was built by definition 1, this program has 2: "
                     "run skald projections rebuild toys");
    }
}

// Releasing applies events by the program's definition, so it is as much following as a step is.
TEST_F(ProjectionsEngine, a_key_in_tables_of_another_definition_is_not_released) {
    log.add("a", "toy.opened", "red").add("a", "toy.filled", "-3");
    ProjectionStep step(toys, database.writer());
    follow(step, log, 1);
    database.admin().script("UPDATE skald_read.boxes_v1 SET content = 3");
    auto changed = toy_projection();
    changed.definition = 2;
    pq::Connection operator_connection(database.writer());
    EXPECT_THROW(release(operator_connection, changed, "a"), std::runtime_error);
    EXPECT_EQ(boxes(), "a red 3 @1");
    EXPECT_EQ(parked(), "a refused @2 [2]");
    EXPECT_EQ(release(operator_connection, toys, "a").applied, 1);
}

// A run whose statement takes longer than the server allows: the same run would be cut off for
// ever, while its parts go through. An event that takes too long by itself is not to blame for it:
// it is tried again, and never parked.
TEST_F(ProjectionsEngine, a_run_that_takes_longer_than_a_statement_may_is_applied_in_parts) {
    database.admin().script(
        "CREATE FUNCTION skald_read.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_sleep(0.01 * (SELECT count(*) FROM made)); RETURN NULL; END $$;"
        "CREATE TRIGGER slow AFTER INSERT ON skald_read.boxes_v1 REFERENCING NEW TABLE AS made "
        "FOR EACH STATEMENT EXECUTE FUNCTION skald_read.slow()");
    for (int i = 0; i < 128; ++i) log.add("box" + std::to_string(i), "toy.opened", "x");
    auto hurried = database.writer();
    hurried.statement_timeout = std::chrono::milliseconds(500);
    ProjectionStep step(toys, hurried);
    EXPECT_EQ(follow(step, log, 128).position, Position(128));
    EXPECT_EQ(text("SELECT count(*)::text FROM skald_read.boxes_v1"), "128");

    database.admin().script(
        "CREATE OR REPLACE FUNCTION skald_read.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_sleep(2); RETURN NULL; END $$");
    log.add("last", "toy.opened", "x");
    EXPECT_THROW(follow(step, log), pq::Error);
    EXPECT_EQ(parked(), "");
    EXPECT_EQ(text("SELECT count(*)::text FROM skald_read.boxes_v1"), "128");
}

TEST_F(ProjectionsEngine, installing_again_changes_nothing) {
    EXPECT_EQ(install(database.admin(), {&toys}), 0);
    EXPECT_TRUE(installation_problems(database.admin(), {&toys}).empty());
    auto other = toy_projection();
    other.name = "other_toys";
    EXPECT_EQ(
        installation_problems(database.admin(), {&other}),
        std::vector<std::string>{"projection other_toys has no tables: run skald migrate up"});
}

TEST_F(ProjectionsEngine, the_registry_goes_away_and_comes_back_with_its_migration) {
    std::vector<eventstore::Migration> all(eventstore::log_migrations().begin(),
                                           eventstore::log_migrations().end());
    all.insert(all.end(), migrations().begin(), migrations().end());
    EXPECT_EQ(eventstore::migrate_down(database.admin(), all, 2), 2);
    EXPECT_TRUE(
        database.admin().query("SELECT to_regclass('skald.projections') IS NULL").boolean(0, 0));
    EXPECT_EQ(eventstore::migrate_up(database.admin(), all), 2);
    EXPECT_EQ(install(database.admin(), {&toys}), 1);
}

// Tables that another program made are given the index that the mirror reads by.
TEST_F(ProjectionsEngine, orders_that_are_there_already_can_be_read_by_revision) {
    auto& admin = database.admin();
    std::vector<eventstore::Migration> all(eventstore::log_migrations().begin(),
                                           eventstore::log_migrations().end());
    all.insert(all.end(), migrations().begin(), migrations().end());
    admin.script(
        "CREATE TABLE skald_read.orders_v3 (id text, partition integer, revision bigint);"
        "CREATE TABLE skald_read.orders_v3_old (id text, partition integer, revision bigint)");
    const auto indexes = [&] {
        std::string found;
        const auto rows = admin.query(
            "SELECT tablename::text, indexname::text FROM pg_indexes "
            "WHERE schemaname = 'skald_read' AND tablename LIKE 'orders%' ORDER BY 1");
        for (int i = 0; i < rows.size(); ++i)
            found += rows.text(i, 0) + " by " + rows.text(i, 1) + ", ";
        return found;
    };
    EXPECT_EQ(eventstore::migrate_down(admin, all, 1), 1);
    EXPECT_EQ(indexes(), "");
    EXPECT_EQ(eventstore::migrate_up(admin, all), 1);
    EXPECT_EQ(indexes(), "orders_v3 by orders_v3_partition_revision_idx, ");
    EXPECT_EQ(eventstore::migrate_down(admin, all, 1), 1);
    EXPECT_EQ(indexes(), "");
}

}  // namespace
}  // namespace skald::tests
