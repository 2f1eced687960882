// Deadlines of sagas that nothing else happens to: such a saga is in nobody's memory until its
// deadline is near, and is told of it in time, whoever holds its partition then.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "eventstore/follower.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "sagas/engine/saga_command.h"
#include "sagas/engine/step.h"
#include "sagas/known/known.h"
#include "sagas/migrations/migrations.h"
#include "tests/support/database.h"
#include "tests/support/eventually.h"

namespace skald::tests {
namespace {

using namespace std::chrono_literals;
using eventstore::StreamName;

constexpr std::int32_t partitions = 4;

template <const sagas::Definition& of>
class Waiting : public sagas::Process {
  public:
    const sagas::Definition& definition() const override { return of; }
    std::vector<StreamName> companion_streams(const std::string&) const override { return {}; }
    std::unique_ptr<sagas::Companions> companions(const eventstore::States&,
                                                  std::size_t) const override {
        return std::make_unique<sagas::NoCompanions>();
    }
};

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
    Timers() {
        registry.add(std::make_shared<Waiting<nap>>());
        registry.add(std::make_shared<Waiting<rest>>());
        registry.add(std::make_shared<Waiting<hibernation>>());
        executor = std::make_unique<eventstore::Executor>(
            logs(), sagas::folds_with(registry), eventstore::ExecutorLimits{},
            [this](const auto& result) { heads.announce(result.heads); });
    }
    ~Timers() override {
        executor->stop();
        stop();
    }
    eventstore::LogFactory logs() {
        return [this] { return database.log(); };
    }
    void drive(sagas::DriverSettings settings) {
        driver = std::make_unique<sagas::Driver>(registry, *executor, logs(), clock, settings);
        step = std::make_unique<sagas::SagaStep>(*driver, database.writer());
        leases = std::make_unique<eventstore::PgLeases>(
            database.writer(), eventstore::LeaseOptions{.name = "sagas", .duration = 3s},
            partitions);
        follower = std::make_unique<eventstore::Follower>(
            eventstore::FollowerOptions{.name = "sagas", .poll_wait = 20ms}, *leases,
            [this] { return std::make_unique<eventstore::LogSource>(database.log(), heads); },
            *step, heads, eventstore::log_fork_check(logs()));
        follower->start();
    }
    void stop() {
        if (follower) follower->stop();
        follower.reset();
        step.reset();
        driver.reset();
    }
    // Begins so many; blocks while many are on their way.
    void begin(const char* saga, int first, int count) {
        for (int i = first; i < first + count; ++i) {
            const auto subject = std::to_string(i);
            const auto stream = sagas::saga_stream(saga, subject);
            auto command = sagas::tell(registry, stream, sagas::Start{subject, "", ""},
                                       clock->now(), "start", {}, std::make_shared<sagas::Told>());
            command.deadline = eventstore::Clock::now() + 30s;
            while (on_their_way > 2000) std::this_thread::yield();
            ++on_their_way;
            executor->submit(std::move(command), [this](const eventstore::Answer& answer) {
                if (answer.kind != eventstore::AnswerKind::done) ++failed;
                --on_their_way;
            });
        }
        ASSERT_TRUE(eventually([&] { return on_their_way == 0; }));
        ASSERT_EQ(failed, 0);
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

    Database database{partitions, sagas::migrations()};
    const std::shared_ptr<sagas::DatabaseClock> clock = std::make_shared<sagas::DatabaseClock>();
    sagas::Registry registry;
    eventstore::HeadWatch heads{partitions};
    std::unique_ptr<eventstore::Executor> executor;
    std::unique_ptr<sagas::Driver> driver;
    std::unique_ptr<sagas::SagaStep> step;
    std::unique_ptr<eventstore::PgLeases> leases;
    std::unique_ptr<eventstore::Follower> follower;
    std::atomic<int> on_their_way{0}, failed{0};
};

// The driver kept every saga that had not ended, however long nothing was to happen to it.
TEST_F(Timers, ASagaAtRestIsNotKeptInMemoryAndWakesInTime) {
    drive({.stays_awake = 600ms});
    begin("nap", 0, 200);
    begin("hibernation", 0, 200);
    ASSERT_TRUE(eventually([&] { return count("at_rest") == 400; }));
    EXPECT_EQ(driver->sagas_in_memory(), 0);
    EXPECT_TRUE(eventually([&] { return count("saga = 'nap' AND phase = 'completed'") == 200; }));
    EXPECT_TRUE(none_is_early("nap", 3s));
    EXPECT_EQ(count("saga = 'hibernation' AND phase = 'forward' AND at_rest"), 200);
    EXPECT_EQ(driver->sagas_in_memory(), 0);
}

// Told by deadlines alone, whoever comes next has to find them: those that passed meanwhile too.
TEST_F(Timers, WhoTakesOverWakesWhatSleepsAndWhatIsOverdue) {
    drive({.stays_awake = 600ms});
    begin("nap", 0, 50);
    ASSERT_TRUE(eventually([&] { return count("at_rest") == 50; }));
    stop();
    ASSERT_TRUE(eventually([&] { return count("due_at < clock_timestamp()") == 50; }));
    begin("nap", 50, 50);
    drive({.stays_awake = 600ms});
    EXPECT_TRUE(eventually([&] { return count("phase = 'completed'") == 100; }));
}

// With --long: a million deadlines armed, of which some thousands pass while the others wait. The
// figures are printed; how long things took decides nothing.
TEST_F(Timers, AMillion) {
    if (std::getenv("SKALD_TEST_LONG") == nullptr) GTEST_SKIP() << "./dev test --long";
    drive({});
    const auto begun = std::chrono::steady_clock::now();
    begin("hibernation", 0, 960'000);
    ASSERT_TRUE(eventually([&] { return count("at_rest") == 960'000; }, 120s));
    const std::chrono::duration<double> armed = std::chrono::steady_clock::now() - begun;
    constexpr int due = 40'000, at_once = 50;
    for (int i = 0; i < due; i += at_once) {
        begin("rest", i, at_once);
        std::this_thread::sleep_for(20ms);  // sleep: so that their deadlines are spread as well
    }
    ASSERT_TRUE(
        eventually([&] { return count("saga = 'rest' AND phase = 'completed'") == due; }, 180s));
    EXPECT_TRUE(none_is_early("rest", 60s));
    EXPECT_LT(driver->sagas_in_memory(), due);
    std::printf("960000 armed at %.0f/s; of 40000 more the deadlines passed, told after ms %s\n",
                960'000 / armed.count(), lag_ms("rest", 60s).c_str());
}

}  // namespace
}  // namespace skald::tests
