// Deadlines of sagas that nothing else happens to: such a saga is in nobody's memory until its
// deadline is near, and is told of it in time, whoever holds its partition then.
#include <cstdlib>

#include "sagas/migrations/migrations.h"
#include "tests/integration/sagas/engine_rig.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;

constexpr sagas::Step waiting_step(sagas::milliseconds deadline) {
    return {.name = "sleep",
            .kind = sagas::StepKind::wait,
            .last = true,
            .undo = sagas::Undo::nothing,
            .otherwise = sagas::Otherwise::go_on,
            .deadline = deadline,
            .signal = "woken"};
}
constexpr sagas::Step short_steps[] = {waiting_step(3s)};
constexpr sagas::Step middle_steps[] = {waiting_step(60s)};
constexpr sagas::Step long_steps[] = {waiting_step(24h)};
constexpr sagas::Definition nap = sagas::verified<short_steps>("nap", 1, 48h);
constexpr sagas::Definition rest = sagas::verified<middle_steps>("rest", 1, 48h);
constexpr sagas::Definition hibernation = sagas::verified<long_steps>("hibernation", 1, 48h);

class Timers : public testing::Test {
  protected:
    static sagas::Registry registry() {
        sagas::Registry registry;
        registry.add(std::make_shared<Alone<nap>>());
        registry.add(std::make_shared<Alone<rest>>());
        registry.add(std::make_shared<Alone<hibernation>>());
        return registry;
    }
    std::int64_t count(const std::string& what) {
        return database.admin().query("SELECT count(*) FROM skald.sagas WHERE " + what).int8(0, 0);
    }
    // From a deadline to when PostgreSQL recorded that the saga was told: p50, p99, worst.
    std::string lag_ms(const std::string& saga, std::chrono::seconds deadline) {
        const auto rows = database.admin().query(
            "SELECT percentile_cont(array[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY"
            "   1000 * extract(epoch FROM e.recorded_at - s.started_at) - $2)::text"
            " FROM skald.sagas AS s JOIN skald.events AS e USING (partition, stream)"
            " WHERE s.saga = $1 AND e.version = 2",
            pq::Params().text(saga).int8(std::chrono::milliseconds(deadline).count()));
        return rows.text(0, 0);
    }
    bool none_is_early(const std::string& saga, std::chrono::seconds deadline) {
        const auto rows = database.admin().query(
            "SELECT count(*) FROM skald.sagas WHERE saga = $1 AND phase = 'completed'"
            " AND since < started_at + make_interval(secs => $2)",
            pq::Params().text(saga).int8(deadline.count()));
        return rows.int8(0, 0) == 0;
    }

    Database database{EngineRig::partitions, sagas::migrations()};
    EngineRig rig{database.writer(), registry()};
};

// The driver kept every saga that had not ended, however long nothing was to happen to it.
TEST_F(Timers, ASagaAtRestIsNotKeptInMemoryAndWakesInTime) {
    rig.drive({.stays_awake = 600ms});
    rig.begin("nap", 0, 200);
    rig.begin("hibernation", 0, 200);
    ASSERT_TRUE(eventually([&] { return count("at_rest") == 400; }));
    EXPECT_EQ(rig.driver().sagas_in_memory(), 0);
    EXPECT_TRUE(eventually([&] { return count("saga = 'nap' AND phase = 'completed'") == 200; }));
    EXPECT_TRUE(none_is_early("nap", 3s));
    EXPECT_EQ(count("saga = 'hibernation' AND phase = 'forward' AND at_rest"), 200);
    EXPECT_EQ(rig.driver().sagas_in_memory(), 0);
}

// Told by deadlines alone, whoever comes next has to find them: those that passed meanwhile too.
TEST_F(Timers, WhoTakesOverWakesWhatSleepsAndWhatIsOverdue) {
    rig.drive({.stays_awake = 600ms});
    rig.begin("nap", 0, 50);
    ASSERT_TRUE(eventually([&] { return count("at_rest") == 50; }));
    rig.stop();
    ASSERT_TRUE(eventually([&] { return count("due_at < clock_timestamp()") == 50; }));
    rig.begin("nap", 50, 50);
    rig.drive({.stays_awake = 600ms});
    EXPECT_TRUE(eventually([&] { return count("phase = 'completed'") == 100; }));
}

// Rows are flushed a moment after they are committed: a crash of PostgreSQL takes the newest, while
// the log has all.
TEST_F(Timers, RowsThatPostgresqlLostAreMadeAgain) {
    rig.drive({.stays_awake = 600ms});
    rig.begin("nap", 0, 50);
    ASSERT_TRUE(eventually([&] { return count("at_rest") == 50; }));
    database.admin().script(
        "DELETE FROM skald.sagas;"
        "UPDATE skald.saga_cursors SET position = 0,"
        " event_id = '00000000-0000-0000-0000-000000000000'");
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database() AND backend_type = 'client backend'");
    EXPECT_TRUE(eventually([&] { return count("phase = 'completed'") == 50; }));
}

// With --long: a million deadlines armed, of which some thousands pass while the others wait. The
// figures are printed; how long things took decides nothing.
TEST_F(Timers, AMillion) {
    if (std::getenv("SKALD_TEST_LONG") == nullptr) GTEST_SKIP() << "./dev test --long";
    rig.drive({});
    const auto begun = std::chrono::steady_clock::now();
    rig.begin("hibernation", 0, 960'000);
    ASSERT_TRUE(eventually([&] { return count("at_rest") == 960'000; }, 120s));
    const std::chrono::duration<double> armed = std::chrono::steady_clock::now() - begun;
    constexpr int due = 40'000, at_once = 50;
    for (int i = 0; i < due; i += at_once) {
        rig.begin("rest", i, at_once);
        std::this_thread::sleep_for(20ms);  // sleep: so that their deadlines are spread as well
    }
    ASSERT_TRUE(
        eventually([&] { return count("saga = 'rest' AND phase = 'completed'") == due; }, 180s));
    EXPECT_TRUE(none_is_early("rest", 60s));
    EXPECT_LT(rig.driver().sagas_in_memory(), due);
    std::printf("960000 armed at %.0f/s; of 40000 more the deadlines passed, told after ms %s\n",
                960'000 / armed.count(), lag_ms("rest", 60s).c_str());
}

}  // namespace
}  // namespace skald::tests
