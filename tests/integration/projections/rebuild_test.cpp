// Rebuilding a projection on a real log, while it and the log go on.
#include "projections/engine/rebuild.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "projections/engine/sql.h"
#include "projections/engine/status.h"
#include "projections/engine/step.h"
#include "projections/migrations/migrations.h"
#include "tests/integration/projections/toy_projection.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace projections;
using eventstore::Cursor;
using eventstore::Partition;
using eventstore::Position;

constexpr std::int32_t partitions = 4;

class ProjectionsRebuild : public testing::Test {
  protected:
    ProjectionsRebuild() { install(database.admin(), {&toys}); }

    static void append(eventstore::Log& log, const std::string& box, const std::string& type,
                       const std::string& data, std::int64_t expected) {
        eventstore::AppendCommand command;
        command.id = eventstore::fresh_command_id();
        command.uses.push_back({eventstore::StreamName::of("toy", box),
                                eventstore::Version(expected),
                                {{type, 1, data, ""}}});
        const auto result = log.append(std::span(&command, 1));
        ASSERT_EQ(result.outcomes.at(0).kind, eventstore::OutcomeKind::accepted);
    }
    // Opens `count` boxes and fills each `times` times.
    void fill(eventstore::Log& log, const std::string& name, int count, int times) {
        for (int version = 0; version <= times; ++version)
            for (int i = 0; i < count; ++i)
                append(log, name + std::to_string(i), version == 0 ? "toy.opened" : "toy.filled",
                       std::to_string(version), version);
    }
    // Takes all that the log has, in every partition.
    static void follow(ProjectionStep& step, eventstore::Log& log) {
        for (std::int32_t p = 0; p < partitions; ++p) {
            auto at = step.open(Partition(p));
            for (;;) {
                const auto events = log.read(Partition(p), at.position, {.events_max = 7});
                if (events.empty()) break;
                at = step.apply(Partition(p), at, events);
                step.tick();
            }
        }
    }
    std::string rows(int version) {
        return database.admin()
            .query(
                "SELECT coalesce(string_agg(b.box || coalesce(b.label, '-') || b.content || "
                "b.filled_at "
                "|| b.light || b.partition || b.position, ' ' ORDER BY b.box), '') || ' / ' || "
                "(SELECT coalesce(string_agg(t.partition || t.kind || t.filled || t.fillings || "
                "t.position, ' ' ORDER BY t.partition), '') FROM skald_read.totals_v" +
                std::to_string(version) + " AS t) FROM skald_read.boxes_v" +
                std::to_string(version) + " AS b")
            .text(0, 0);
    }
    std::string states() {
        std::string text;
        for (const auto& one : versions(database.admin(), "toys"))
            text += std::to_string(one.version) + " " + one.state + " ";
        return text;
    }

    // Fills a version 2 beside the live one from the log, as a rebuild does.
    void build_beside(eventstore::Log& log) {
        pq::Transaction transaction(database.admin());
        create_version(database.admin(), toys, 2, "building");
        transaction.commit();
        pq::Connection owner(database.owner());
        PartitionWriter writer(toys, 2);
        for (std::int32_t p = 0; p < partitions; ++p) {
            const auto at = writer.open(owner, Partition(p));
            const auto events = log.read(Partition(p), at.cursor.position, {});
            if (!events.empty()) writer.apply(owner, Partition(p), at, events);
        }
    }
    // Switches from version 1 to 2; `meanwhile` runs on a thread of its own, and is waiting for the
    // live version's cursors when the switch commits. Returns what it said.
    std::string switch_while(const std::function<std::string()>& meanwhile) {
        auto& owner = database.admin();
        const auto named = [&](std::int32_t version) {
            return pq::Params().text(toys.name).int4(version);
        };
        namespace sql = projections_engine::sql;
        pq::Connection watch(database.owner());
        pq::Transaction transaction(owner);
        owner.query(sql::lock_live_cursors, named(1));
        auto said = std::async(std::launch::async, meanwhile);
        const auto waiting = [&] {
            return watch
                .query(
                    "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = "
                    "current_database() AND wait_event_type = 'Lock')")
                .boolean(0, 0);
        };
        while (!waiting() &&
               said.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
        }
        owner.query(sql::switch_live, named(1).int4(2));
        owner.query(sql::set_version_state, named(1).text("previous"));
        owner.query(sql::set_version_state, named(2).text("live"));
        owner.query(sql::fence_version, named(1));
        transaction.commit();
        return said.get();
    }

    Database database{partitions, migrations()};
    Projection toys = toy_projection();
};

// An owner opens its partition while a rebuild switches: it has read that version 1 is live, and
// waits for version 1's cursor, which the switch has locked. Behind the switch's commit it must not
// go on with version 1, whose revision it would raise past the fence.
TEST_F(ProjectionsRebuild, an_owner_that_opens_during_the_switch_does_not_get_the_old_version) {
    const auto log = database.log();
    fill(*log, "a", 6, 2);
    build_beside(*log);
    ProjectionStep late(toys, database.writer());
    EXPECT_EQ(switch_while([&]() -> std::string {
                  try {
                      late.open(Partition(1));
                      return "opened";
                  } catch (const eventstore::Fenced&) {
                      return "fenced";
                  }
              }),
              "fenced");
    fill(*log, "b", 6, 2);
    follow(late, *log);
    EXPECT_EQ(rows(1), " / ");
    EXPECT_NE(rows(2).find("b5"), std::string::npos);
}

// An operator releases a key while a rebuild switches: the release waits for version 1's cursor,
// and must then release the key of the version that is live.
TEST_F(ProjectionsRebuild, a_release_during_the_switch_is_one_of_the_new_version) {
    const auto log = database.log();
    append(*log, "a", "toy.opened", "x", 0);
    append(*log, "a", "toy.filled", "-3", 1);
    ProjectionStep step(toys, database.writer());
    follow(step, *log);
    build_beside(*log);
    for (const auto* table : {"boxes_v1", "boxes_v2"})
        database.admin().script("UPDATE skald_read." + std::string(table) + " SET content = 3");
    EXPECT_EQ(switch_while([&] {
                  pq::Connection connection(database.writer());
                  const auto released = release(connection, toys, "a");
                  return std::to_string(released.applied);
              }),
              "1");
    const auto content = [&](const char* table) {
        return database.admin()
            .query("SELECT content FROM skald_read." + std::string(table))
            .int8(0, 0);
    };
    EXPECT_EQ(content("boxes_v1"), 3);
    EXPECT_EQ(content("boxes_v2"), 0);
    EXPECT_TRUE(parked(database.admin(), "toys").empty());
}

// The log was restored to an earlier state: the live version shows more than there is. A rebuild is
// what repairs that, so it must not wait for what the log has lost.
TEST_F(ProjectionsRebuild, repairs_a_projection_that_is_ahead_of_a_log_that_was_restored) {
    const auto log = database.log();
    fill(*log, "a", 10, 2);
    const auto kept = log->heads();
    fill(*log, "b", 10, 1);
    ProjectionStep step(toys, database.writer());
    follow(step, *log);
    for (std::int32_t p = 0; p < partitions; ++p)
        database.admin().query(
            "DELETE FROM skald.events WHERE partition = $1 AND position > $2",
            pq::Params().int4(p).int8(kept.at(static_cast<std::size_t>(p)).value()));
    const auto restored = database.log();
    ASSERT_EQ(restored->heads(), kept);
    rebuild(toys, database.owner(), *restored);
    EXPECT_EQ(rows(2).find("b1"), std::string::npos);
    EXPECT_EQ(status(database.admin()).at(0).lag(), 0);
    follow(step, *restored);
}

// Two rebuilds of different projections make their tables at once: neither may touch the rights of
// the other's tables, which are locked until its transaction ends.
TEST_F(ProjectionsRebuild, tables_of_two_versions_are_made_at_the_same_time) {
    pq::Transaction first(database.admin());
    create_version(database.admin(), toys, 2, "building");
    auto settings = database.owner();
    settings.lock_timeout = std::chrono::milliseconds(500);
    pq::Connection other(settings);
    pq::Transaction second(other);
    EXPECT_NO_THROW(create_version(other, toys, 3, "building"));
    first.commit();
    second.commit();
    pq::Connection reader(database.reader());
    EXPECT_EQ(reader.query("SELECT count(*) FROM skald_read.boxes_v3").int8(0, 0), 0);
}

TEST_F(ProjectionsRebuild, equals_the_live_version_row_for_row_and_takes_its_place) {
    const auto log = database.log();
    fill(*log, "a", 10, 5);
    ProjectionStep step(toys, database.writer());
    follow(step, *log);
    std::vector<RebuildProgress> progress;
    const auto plan = rebuild(toys, database.owner(), *log,
                              [&](const RebuildProgress& now) { progress.push_back(now); });
    EXPECT_EQ(plan.live_version, 1);
    EXPECT_EQ(plan.new_version, 2);
    EXPECT_EQ(plan.events, 60);
    EXPECT_EQ(rows(2), rows(1));
    EXPECT_EQ(states(), "1 previous 2 live ");
    ASSERT_FALSE(progress.empty());
    EXPECT_EQ(progress.back().events, 60);
    EXPECT_EQ(progress.back().events_total, 60);

    // The owner of the old version is fenced, opens again and goes on with the new one.
    const auto before = rows(1);
    append(*log, "late", "toy.opened", "x", 0);
    follow(step, *log);
    EXPECT_EQ(rows(1), before);
    EXPECT_NE(rows(2).find("late"), std::string::npos);
}

TEST_F(ProjectionsRebuild, keeps_the_version_before_and_drops_older_ones) {
    const auto log = database.log();
    fill(*log, "a", 2, 1);
    for (int i = 0; i < 3; ++i) rebuild(toys, database.owner(), *log);
    EXPECT_EQ(states(), "3 previous 4 live ");
    EXPECT_TRUE(
        database.admin().query("SELECT to_regclass('skald_read.boxes_v2') IS NULL").boolean(0, 0));
    EXPECT_EQ(rows(4), rows(3));
}

TEST_F(ProjectionsRebuild, cut_off_in_the_middle_it_can_be_run_again) {
    const auto log = database.log();
    fill(*log, "a", 6, 2);
    struct Cut {};
    EXPECT_THROW(rebuild(toys, database.owner(), *log, [](const RebuildProgress&) { throw Cut(); }),
                 Cut);
    EXPECT_EQ(states(), "1 live 2 building ");
    ProjectionStep step(toys, database.writer());
    follow(step, *log);
    const auto plan = rebuild(toys, database.owner(), *log);
    EXPECT_EQ(plan.new_version, 3);
    EXPECT_EQ(states(), "1 previous 3 live ");
    EXPECT_EQ(rows(3), rows(1));
}

TEST_F(ProjectionsRebuild, one_at_a_time) {
    const auto log = database.log();
    fill(*log, "a", 1, 0);
    const auto second = database.log();
    std::string refusal;
    rebuild(toys, database.owner(), *log, [&](const RebuildProgress&) {
        try {
            rebuild(toys, database.owner(), *second);
        } catch (const RebuildRefused& refused) {
            refusal = refused.what();
        }
    });
    EXPECT_EQ(refusal, "projection toys is being rebuilt already: wait for that one to end");
}

TEST_F(ProjectionsRebuild, parks_again_what_cannot_be_applied) {
    const auto log = database.log();
    fill(*log, "a", 2, 1);
    append(*log, "a0", "toy.broken", "", 2);
    append(*log, "a0", "toy.filled", "5", 3);
    ProjectionStep step(toys, database.writer());
    follow(step, *log);
    rebuild(toys, database.owner(), *log);
    EXPECT_EQ(rows(2), rows(1));
    const auto held = parked(database.admin(), "toys");
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held[0].key, "a0");
    EXPECT_EQ(held[0].reason, "undecodable");
    EXPECT_EQ(held[0].type, "toy.broken");
    EXPECT_EQ(held[0].events, 2);
}

TEST_F(ProjectionsRebuild, equals_the_live_version_while_log_and_projector_go_on) {
    {
        const auto log = database.log();
        fill(*log, "a", 20, 10);
    }
    std::atomic<bool> stop = false;
    std::jthread writer([&] {
        const auto log = database.log();
        for (int round = 0; !stop; ++round) fill(*log, "r" + std::to_string(round) + "x", 3, 4);
    });
    std::jthread projector([&] {
        const auto log = database.log();
        ProjectionStep step(toys, database.writer());
        while (!stop) {
            try {
                follow(step, *log);
            } catch (const eventstore::Fenced&) {  // the switch: it opens again
            }
        }
    });
    const auto rebuild_log = database.log();
    rebuild(toys, database.owner(), *rebuild_log);
    rebuild(toys, database.owner(), *rebuild_log);
    stop = true;
    writer.join();
    projector.join();

    ProjectionStep step(toys, database.writer());
    const auto log = database.log();
    follow(step, *log);
    const auto live = rows(3);
    rebuild(toys, database.owner(), *log);
    EXPECT_EQ(rows(4), live);
    EXPECT_GT(live.size(), 1000u);
}

TEST_F(ProjectionsRebuild, status_tells_position_head_and_lag) {
    const auto log = database.log();
    ProjectionStep step(toys, database.writer());
    fill(*log, "a", 8, 0);
    follow(step, *log);
    fill(*log, "b", 8, 1);
    const auto all = status(database.admin());
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].name, "toys");
    EXPECT_EQ(all[0].partitions.size(), 4u);
    EXPECT_EQ(all[0].lag(), 16);
    EXPECT_EQ(all[0].parked_keys(), 0);
    const auto heads = log->heads();
    for (const auto& one : all[0].partitions)
        EXPECT_EQ(one.head, heads.at(static_cast<std::size_t>(one.partition.value())));
}

}  // namespace
}  // namespace skald::tests
