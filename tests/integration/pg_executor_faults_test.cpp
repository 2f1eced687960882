// The executor on PostgreSQL when partitions are locked, the server freezes and backends end.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <future>
#include <thread>

#include "eventstore/executor.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

std::int64_t count_events(pq::Connection& admin) {
    return admin.query("SELECT count(*) FROM skald.events").int8(0, 0);
}

constexpr auto hold_partition_0 = "SELECT pg_advisory_lock(1936417132, 0)";
constexpr auto let_partition_0_go = "SELECT pg_advisory_unlock(1936417132, 0)";

// Counts the events of a stream.
class CountFold : public Fold {
  public:
    std::any initial() const override { return 0L; }
    void apply(std::any& state, const StoredEvent&) const override {
        state = std::any_cast<long>(state) + 1;
    }
    std::size_t bytes(const std::any&) const override { return 8; }
};

Folds counting() { return {{"count", std::make_shared<CountFold>()}}; }

// An event for each of the streams.
Command count_up(std::vector<StreamName> streams, std::chrono::milliseconds patience = 30s) {
    Command command;
    command.id = fresh_command_id();
    command.deadline = Clock::now() + patience;
    command.decide = [n = streams.size()](const States&) -> Decided {
        return Accepted{
            std::vector<std::vector<NewEvent>>(n, {{.type = "count.up", .data = "1", .meta = {}}})};
    };
    command.streams = std::move(streams);
    return command;
}

// The n-th stream of a partition (of 4).
StreamName counter_in(int partition, int n = 0) {
    for (int i = 0;; ++i) {
        auto stream = StreamName::of("count", std::to_string(i));
        if (partition_of(stream.partition_key(), 4) == Partition(partition) && n-- == 0)
            return stream;
    }
}

std::future<Answer> submitted(Executor& executor, Command command) {
    auto promise = std::make_shared<std::promise<Answer>>();
    auto future = promise->get_future();
    executor.submit(std::move(command),
                    [promise](Answer answer) { promise->set_value(std::move(answer)); });
    return future;
}

// An operator's transaction, or a process that hangs, keeps one partition's lock for longer than
// any append waits for it. Batches used to fail as a whole, and with them the commands of all other
// partitions, until their deadlines.
TEST(PgLogFaults, APartitionThatIsLockedForLongDoesNotHoldUpTheOthers) {
    Database database(4);
    auto settings = database.writer();
    Executor executor([settings] { return std::make_unique<PgLog>(settings); }, counting(), {});
    for (int p = 0; p < 4; ++p)
        ASSERT_EQ(executor.run(count_up({counter_in(p)})).kind, AnswerKind::done);

    database.admin().query(hold_partition_0);
    const auto locked_at = Clock::now();
    std::vector<std::future<Answer>> sick;
    for (int i = 0; i < 10; ++i) sick.push_back(submitted(executor, count_up({counter_in(0)})));
    auto across = submitted(executor, count_up({counter_in(1, 1), counter_in(0, 1)}));
    auto given_up = submitted(executor, count_up({counter_in(0, 2)}, 1s));
    auto slowest = Clock::duration::zero();
    int healthy = 0;
    while (Clock::now() < locked_at + 3s) {
        const auto sent_at = Clock::now();
        ASSERT_EQ(executor.run(count_up({counter_in(1 + healthy % 3)})).kind, AnswerKind::done);
        slowest = std::max(slowest, Clock::now() - sent_at);
        if (++healthy % 4 == 0) sick.push_back(submitted(executor, count_up({counter_in(0)})));
        // sleep: the pace of the load, not of any expectation
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_LT(slowest, 1s);
    EXPECT_EQ(given_up.get().kind, AnswerKind::timed_out);
    for (const auto& one : sick) EXPECT_EQ(one.wait_for(0s), std::future_status::timeout);
    EXPECT_EQ(across.wait_for(0s), std::future_status::timeout);

    database.admin().query(let_partition_0_go);
    const auto free_at = Clock::now();
    for (std::size_t i = 0; i < sick.size(); ++i) {
        const auto answer = sick[i].get();
        EXPECT_EQ(answer.kind, AnswerKind::done);
        EXPECT_EQ(answer.version, Version(static_cast<std::int64_t>(i + 2))) << "in their order";
    }
    EXPECT_EQ(across.get().kind, AnswerKind::done);
    EXPECT_LT(Clock::now() - free_at, 2s);
    EXPECT_EQ(count_events(database.admin()),
              static_cast<std::int64_t>(4 + healthy + sick.size() + 2));
}

// The server's processes freeze (a suspended machine, a storm of input and output): an append gets
// no answer. Callers used to hear nothing until the connection was given up, long behind their
// deadlines.
TEST(PgLogFaults, CallersHearInTimeThoughTheServerIsFrozen) {
    Database database(4);
    auto settings = database.writer();
    settings.application_name = "executor_frozen";
    Executor executor([settings] { return std::make_unique<PgLog>(settings); }, counting(), {});
    ASSERT_EQ(executor.run(count_up({counter_in(0)})).kind, AnswerKind::done);
    std::vector<pid_t> backends;
    const auto found = database.admin().query(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'executor_frozen'");
    for (int i = 0; i < found.size(); ++i) backends.push_back(found.int4(i, 0));
    ASSERT_FALSE(backends.empty());
    for (const auto pid : backends) ASSERT_EQ(kill(pid, SIGSTOP), 0);

    const auto frozen_at = Clock::now();
    auto in_flight = count_up({counter_in(0)}, 700ms);
    auto first = submitted(executor, in_flight);
    // sleep: lets the append begin; too short a sleep only tests less
    std::this_thread::sleep_for(100ms);
    auto behind_it = submitted(executor, count_up({counter_in(1)}, 300ms));
    EXPECT_EQ(behind_it.get().kind, AnswerKind::timed_out);
    EXPECT_LT(Clock::now() - frozen_at, 900ms);
    EXPECT_EQ(first.get().kind, AnswerKind::outcome_unknown);
    EXPECT_LT(Clock::now() - frozen_at, 1200ms);

    for (const auto pid : backends) kill(pid, SIGCONT);
    in_flight.deadline = Clock::now() + 30s;
    EXPECT_EQ(executor.run(in_flight).kind, AnswerKind::done);
    EXPECT_EQ(executor.run(count_up({counter_in(1)})).kind, AnswerKind::done);
    EXPECT_EQ(count_events(database.admin()), 3);
}

TEST(PgLogFaults, BackendsEndedInMidAppendLoseAndRepeatNothing) {
    Database database(4);
    auto settings = database.writer();
    settings.application_name = "executor_under_fire";
    Executor executor([settings] { return std::make_unique<PgLog>(settings); }, counting(),
                      {.retry_pause = 10ms});
    std::atomic<int> done{0};
    std::atomic<bool> over{false};
    std::jthread ends_backends([&] {
        pq::Connection admin(database.owner());
        while (!over) {
            admin.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'executor_under_fire'");
            // sleep: the pace of the fault, not of any expectation
            std::this_thread::sleep_for(15ms);
        }
    });
    {
        std::vector<std::jthread> callers;
        for (int c = 0; c < 6; ++c) {
            callers.emplace_back([&, c] {
                for (int i = 0; i < 60; ++i) {
                    Command command;
                    command.id = fresh_command_id();
                    command.streams = {StreamName::of("count", std::to_string((c + i) % 5))};
                    command.deadline = Clock::now() + 30s;
                    command.decide = [](const States&) -> Decided {
                        return Accepted{{{{.type = "count.up", .data = "1", .meta = {}}}}};
                    };
                    done += executor.run(command).kind == AnswerKind::done;
                }
            });
        }
    }
    over = true;
    ends_backends.join();
    EXPECT_EQ(done, 360);
    EXPECT_EQ(count_events(database.admin()), 360);
    EXPECT_EQ(database.admin().query("SELECT count(*) FROM skald.commands").int8(0, 0), 360);
}

}  // namespace
}  // namespace skald::tests
