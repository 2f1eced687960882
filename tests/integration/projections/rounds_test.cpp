// Rounds of a projection on a real PostgreSQL: the runs of several partitions in one transaction,
// what becomes of the others when it cannot be had for one of them, and of rounds that a crash of
// PostgreSQL has lost.
#include <gtest/gtest.h>

#include <thread>

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
using eventstore::RunAt;

using Positions = std::map<std::int32_t, std::int64_t>;

class ProjectionsRounds : public testing::Test {
  protected:
    ProjectionsRounds() { install(database.admin(), {&toys}); }

    ToyLog& of(std::int32_t partition) {
        return logs.try_emplace(partition, Partition(partition)).first->second;
    }
    // All events of the logs behind the cursors, as one round; where they were taken to.
    Positions round(ProjectionStep& step, const std::map<std::int32_t, Cursor>& at) {
        std::vector<RunAt> runs;
        for (const auto& [partition, cursor] : at)
            runs.push_back({Partition(partition), cursor, behind(partition, cursor)});
        Positions taken;
        for (const auto& [partition, cursor] : step.apply_together(runs))
            taken[partition.value()] = cursor.position.value();
        return taken;
    }
    std::span<const eventstore::StoredEvent> behind(std::int32_t partition, const Cursor& at) {
        return std::span(of(partition).events())
            .subspan(static_cast<std::size_t>(at.position.value()));
    }
    std::map<std::int32_t, Cursor> open(ProjectionStep& step) {
        std::map<std::int32_t, Cursor> cursors;
        for (const auto& [partition, log] : logs)
            cursors[partition] = step.open(Partition(partition));
        return cursors;
    }
    Positions stored() {
        const auto rows = database.admin().query(
            "SELECT partition, position FROM skald.projection_cursors WHERE position > 0");
        Positions positions;
        for (int i = 0; i < rows.size(); ++i) positions[rows.int4(i, 0)] = rows.int8(i, 1);
        return positions;
    }
    std::string boxes() {
        return text(
            "SELECT coalesce(string_agg(box || ' ' || content || ' @' || position, ', ' ORDER BY "
            "box), '') FROM skald_read.boxes_v1");
    }
    std::string parked() {
        return text(
            "SELECT coalesce(string_agg(key || ' ' || reason || ' @' || position, ', ' ORDER BY "
            "key), '') FROM skald.parked_keys");
    }
    // Those that wrote the rows of boxes and of the cursors that moved.
    std::int64_t transactions() {
        return database.admin()
            .query(
                "SELECT count(DISTINCT w.id) FROM (SELECT xmin::text FROM skald_read.boxes_v1 "
                "UNION ALL SELECT xmin::text FROM skald.projection_cursors WHERE position > 0) "
                "AS w(id)")
            .int8(0, 0);
    }
    std::string text(const std::string& sql) { return database.admin().query(sql).text(0, 0); }

    Database database{16, migrations()};
    Projection toys = toy_projection();
    std::map<std::int32_t, ToyLog> logs;
};

TEST_F(ProjectionsRounds, all_partitions_of_a_round_are_one_transaction) {
    of(2).add("a", "toy.opened").add("a", "toy.filled", "3");
    of(5).add("b", "toy.opened");
    of(9).add("c", "toy.noise");
    ProjectionStep step(toys, database.writer());
    auto at = open(step);
    EXPECT_EQ(round(step, at), (Positions{{2, 2}, {5, 1}, {9, 1}}));
    EXPECT_EQ(stored(), (Positions{{2, 2}, {5, 1}, {9, 1}}));
    EXPECT_EQ(boxes(), "a 3 @2, b 0 @1");
    EXPECT_EQ(transactions(), 1);
    // Rows of the same key in different partitions are different rows where the key holds them.
    of(2).add("a", "toy.filled", "4");
    of(5).add("b", "toy.filled", "5").add("d", "toy.opened").add("d", "toy.dropped");
    at = {{2, eventstore::cursor_at(of(2).events()[1])},
          {5, eventstore::cursor_at(of(5).events()[0])}};
    EXPECT_EQ(round(step, at), (Positions{{2, 3}, {5, 4}}));
    EXPECT_EQ(boxes(), "a 7 @3, b 5 @2");
    EXPECT_EQ(text("SELECT string_agg(partition || ': ' || filled || ' in ' || fillings || ' @' || "
                   "position, ', ' ORDER BY partition) FROM skald_read.totals_v1"),
              "2: 7 in 2 @3, 5: 5 in 1 @2");
}

TEST_F(ProjectionsRounds, rows_carry_the_revision_of_their_own_partition) {
    of(2).add("a", "toy.opened");
    of(5).add("b", "toy.opened");
    ProjectionStep step(toys, database.writer());
    step.open(Partition(5));
    round(step, open(step));
    EXPECT_EQ(text("SELECT count(*)::text FROM skald_read.boxes_v1 AS b JOIN "
                   "skald.projection_cursors AS c USING (partition) WHERE b.revision = c.revision"),
              "2");
}

// What was skipped before and is not stored yet goes along with what another partition writes.
TEST_F(ProjectionsRounds, cursors_that_wait_are_moved_with_the_round) {
    of(2).add("a", "toy.noise");
    of(5).add("b", "toy.opened");
    ProjectionStep step(toys, database.writer());
    const auto at = open(step);
    step.apply(Partition(2), at.at(2), of(2).events());
    EXPECT_EQ(round(step, {{5, at.at(5)}}), (Positions{{2, 1}, {5, 1}}));
    EXPECT_EQ(stored(), (Positions{{2, 1}, {5, 1}}));
    EXPECT_EQ(transactions(), 1);
}

TEST_F(ProjectionsRounds, a_fenced_partition_does_no_harm_to_the_others) {
    of(2).add("a", "toy.opened");
    of(5).add("b", "toy.opened");
    of(9).add("c", "toy.opened");
    ProjectionStep first(toys, database.writer());
    ProjectionStep second(toys, database.writer());
    const auto at = open(first);
    second.open(Partition(5));
    EXPECT_EQ(round(first, at), Positions{});
    EXPECT_EQ(boxes(), "");
    EXPECT_THROW(first.apply(Partition(5), at.at(5), of(5).events()), Fenced);
    for (const auto partition : {2, 9})
        first.apply(Partition(partition), at.at(partition), of(partition).events());
    EXPECT_EQ(boxes(), "a 0 @1, c 0 @1");
    EXPECT_EQ(stored(), (Positions{{2, 1}, {9, 1}}));
}

TEST_F(ProjectionsRounds, a_run_that_does_not_begin_where_its_partition_stands_is_left_out) {
    of(2).add("a", "toy.opened");
    of(5).add("b", "toy.opened");
    of(9).add("c", "toy.opened");
    ProjectionStep step(toys, database.writer());
    auto at = open(step);
    step.apply(Partition(5), at.at(5), of(5).events());
    EXPECT_EQ(round(step, at), (Positions{{2, 1}, {9, 1}}));
    EXPECT_EQ(boxes(), "a 0 @1, b 0 @1, c 0 @1");
}

TEST_F(ProjectionsRounds, what_cannot_be_decoded_is_parked_within_the_round) {
    of(2).add("a", "toy.opened").add("a", "toy.broken").add("a", "toy.filled", "1");
    of(5).add("b", "toy.opened").add("b", "other.thing");
    ProjectionStep step(toys, database.writer());
    EXPECT_EQ(round(step, open(step)), (Positions{{2, 3}, {5, 2}}));
    EXPECT_EQ(boxes(), "a 0 @1, b 0 @1");
    EXPECT_EQ(parked(), "a undecodable @2, b unknown_type @2");
    EXPECT_EQ(text("SELECT count(*)::text FROM skald.parked_events"), "3");
}

// The tables do not say which of the rows they refuse: nothing of the round is written, and the
// runs by themselves tell.
TEST_F(ProjectionsRounds, what_the_tables_refuse_is_found_partition_by_partition) {
    of(2).add("a", "toy.opened").add("a", "toy.filled", "1");
    of(5).add("b", "toy.opened").add("b", "toy.filled", "-1").add("c", "toy.opened");
    ProjectionStep step(toys, database.writer());
    const auto at = open(step);
    EXPECT_EQ(round(step, at), Positions{});
    EXPECT_EQ(stored(), Positions{});
    for (const auto partition : {2, 5})
        step.apply(Partition(partition), at.at(partition), of(partition).events());
    EXPECT_EQ(boxes(), "a 1 @2, b 0 @1, c 0 @3");
    EXPECT_EQ(parked(), "b refused @2");
    // The key is known now: the next round holds it back, and is one transaction again.
    of(2).add("a", "toy.filled", "1");
    of(5).add("b", "toy.filled", "1");
    EXPECT_EQ(round(step, {{2, eventstore::cursor_at(of(2).events()[1])},
                           {5, eventstore::cursor_at(of(5).events()[2])}}),
              (Positions{{2, 3}, {5, 4}}));
    EXPECT_EQ(boxes(), "a 2 @3, b 0 @1, c 0 @3");
}

TEST_F(ProjectionsRounds, one_that_takes_longer_than_a_statement_may_is_taken_apart) {
    database.admin().script(
        "CREATE FUNCTION skald_read.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_sleep(0.01 * (SELECT count(*) FROM made)); RETURN NULL; END $$;"
        "CREATE TRIGGER slow AFTER INSERT ON skald_read.boxes_v1 REFERENCING NEW TABLE AS made "
        "FOR EACH STATEMENT EXECUTE FUNCTION skald_read.slow()");
    for (const auto partition : {2, 5})
        for (int i = 0; i < 30; ++i)
            of(partition).add(std::to_string(partition) + "-" + std::to_string(i), "toy.opened");
    auto hurried = database.writer();
    hurried.statement_timeout = std::chrono::milliseconds(450);
    ProjectionStep step(toys, hurried);
    const auto at = open(step);
    EXPECT_EQ(round(step, at), Positions{});
    for (const auto partition : {2, 5})
        step.apply(Partition(partition), at.at(partition), of(partition).events());
    EXPECT_EQ(stored(), (Positions{{2, 30}, {5, 30}}));
}

TEST_F(ProjectionsRounds, a_connection_that_was_cut_fails_the_round_and_nothing_is_applied_twice) {
    of(2).add("a", "toy.opened");
    of(5).add("b", "toy.opened");
    ProjectionStep step(toys, database.writer());
    auto at = open(step);
    round(step, at);
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND backend_type = 'client backend'");
    of(2).add("a", "toy.filled", "2");
    of(5).add("b", "toy.filled", "2");
    at = {{2, eventstore::cursor_at(of(2).events()[0])},
          {5, eventstore::cursor_at(of(5).events()[0])}};
    EXPECT_THROW(round(step, at), eventstore::Unavailable);
    EXPECT_EQ(round(step, open(step)), (Positions{{2, 2}, {5, 2}}));
    EXPECT_EQ(boxes(), "a 2 @2, b 2 @2");
}

// PostgreSQL crashed and came back without the last round, which was not flushed yet: nothing
// happens in the partitions any more, and the read model would stay behind for ever.
TEST_F(ProjectionsRounds, what_a_crash_of_postgresql_lost_is_found_and_comes_again) {
    of(2).add("a", "toy.opened").add("a", "toy.filled", "5");
    of(5).add("b", "toy.opened").add("b", "toy.filled", "6");
    of(9).add("c", "toy.opened");
    ProjectionStep step(toys, database.writer());
    const auto at = open(step);
    step.apply(Partition(9), at.at(9), of(9).events());
    step.tick();
    database.admin().script(
        "CREATE TABLE places AS SELECT c.partition, c.position, c.event_id, c.revision FROM "
        "skald.projection_cursors AS c");
    ASSERT_EQ(round(step, {{2, at.at(2)}, {5, at.at(5)}}), (Positions{{2, 2}, {5, 2}}));
    const auto lost = text("SELECT max(revision)::text FROM skald_read.boxes_v1");
    database.admin().script(
        "DELETE FROM skald_read.boxes_v1 WHERE partition <> 9; TRUNCATE skald_read.totals_v1;"
        "UPDATE skald.projection_cursors AS c SET position = p.position, event_id = p.event_id, "
        "revision = p.revision FROM places AS p WHERE c.partition = p.partition");
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND backend_type = 'client backend'");
    std::vector<Partition> found;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (found.empty() && std::chrono::steady_clock::now() < until) {
        try {
            step.tick();
        } catch (const eventstore::PartitionsFenced& fenced) {
            found = fenced.partitions;
        } catch (const eventstore::Unavailable&) {  // the connection that was cut
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // sleep: as between rounds
    }
    EXPECT_EQ(found, (std::vector{Partition(2), Partition(5)}));
    for (const auto one : found) step.close(one);
    round(step, {{2, step.open(Partition(2))}, {5, step.open(Partition(5))}});
    EXPECT_EQ(boxes(), "a 5 @2, b 6 @2, c 0 @1");
    // No revision may stand for two different things: what copies rows goes by it.
    EXPECT_GT(std::stoll(text("SELECT min(revision)::text FROM skald_read.boxes_v1 WHERE "
                              "partition <> 9")),
              std::stoll(lost) + 1000);
}

// What raises a revision beyond all that can be lost must not be lost itself: the next owner would
// come to the same revisions, and what copies rows would pass over those it has seen others at.
TEST_F(ProjectionsRounds, take_overs_and_releases_wait_for_the_disk_and_jump_where_rounds_do_not) {
    database.admin().script(
        "CREATE TABLE moves (n bigserial, setting text, revision bigint);"
        "CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
        "INSERT INTO public.moves (setting, revision) "
        "SELECT current_setting('synchronous_commit'), NEW.revision - OLD.revision; "
        "RETURN NULL; END $$;"
        "CREATE TRIGGER note_move AFTER UPDATE ON skald.projection_cursors FOR EACH ROW EXECUTE "
        "FUNCTION note_move()");
    of(2).add("a", "toy.opened").add("a", "toy.filled", "-1");
    ProjectionStep step(toys, database.writer());
    const auto at = open(step);
    step.apply(Partition(2), at.at(2), of(2).events());
    database.admin().script("UPDATE skald_read.boxes_v1 SET content = 5");
    pq::Connection operator_connection(database.writer());
    ASSERT_EQ(release(operator_connection, toys, "a").applied, 1);
    EXPECT_EQ(text("SELECT string_agg(setting || ' ' || revision, ', ' ORDER BY n) FROM moves"),
              "on 1000000, off 1, off 1, on 1000000");
    EXPECT_EQ(text("SELECT count(*)::text FROM skald_read.boxes_v1 AS b JOIN "
                   "skald.projection_cursors AS c USING (partition) WHERE b.revision = c.revision"),
              "1");
}

// Whatever goes wrong with one partition, the others are tried by themselves.
TEST_F(ProjectionsRounds, a_bug_that_one_partition_meets_is_not_the_round_s) {
    const auto good = toys.changes_of;
    toys.changes_of = [good](const eventstore::StoredEvent& event, Earlier earlier) {
        if (event.data == "bug") throw std::logic_error("a bug");
        return good(event, earlier);
    };
    of(2).add("a", "toy.opened");
    of(5).add("b", "toy.opened", "bug");
    ProjectionStep step(toys, database.writer());
    const auto at = open(step);
    EXPECT_EQ(round(step, at), Positions{});
    EXPECT_THROW(step.apply(Partition(5), at.at(5), of(5).events()), std::logic_error);
    step.apply(Partition(2), at.at(2), of(2).events());
    EXPECT_EQ(boxes(), "a 0 @1");
}

// Two projectors whose partitions are the other's as well, in the moment of a hand-over: whichever
// is fenced writes nothing, and neither waits for the other for long.
TEST_F(ProjectionsRounds, owners_of_the_same_partitions_do_not_wait_for_each_other_in_a_circle) {
    for (int i = 0; i < 8; ++i) of(i).add("box" + std::to_string(i), "toy.opened");
    ProjectionStep first(toys, database.writer());
    ProjectionStep second(toys, database.writer());
    const auto work = [&](ProjectionStep& step) {
        std::int64_t taken = 0;
        for (int n = 0; n < 40; ++n) {
            std::map<std::int32_t, Cursor> at;
            for (int i = 0; i < 8; ++i) at[i] = step.open(Partition(i));
            std::vector<RunAt> runs;
            for (const auto& [partition, cursor] : at)
                if (const auto run =
                        std::span(logs.at(partition).events())
                            .subspan(static_cast<std::size_t>(cursor.position.value()));
                    !run.empty())
                    runs.push_back({Partition(partition), cursor, run.first(1)});
            taken += static_cast<std::int64_t>(step.apply_together(runs).size());
        }
        return taken;
    };
    for (int n = 0; n < 20; ++n)
        for (int i = 0; i < 8; ++i) of(i).add("box" + std::to_string(i), "toy.filled", "1");
    const auto begun = std::chrono::steady_clock::now();
    std::int64_t others = 0;
    std::jthread other([&] { others = work(second); });
    const auto own = work(first);
    other.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
    std::int64_t all = 0;
    for (const auto& [partition, position] : stored()) all += position;
    EXPECT_EQ(own + others, all);
    EXPECT_EQ(text("SELECT coalesce(sum(fillings), 0)::text FROM skald_read.totals_v1"),
              text("SELECT coalesce(sum(position - 1), 0)::text FROM skald.projection_cursors "
                   "WHERE position > 0"));
    EXPECT_EQ(text("SELECT deadlocks::text FROM pg_stat_database WHERE datname = "
                   "current_database()"),
              "0");
}

}  // namespace
}  // namespace skald::tests
