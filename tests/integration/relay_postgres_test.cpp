// The relay as it runs in the program: log, leases and noted progress in PostgreSQL, records in a
// real topic.
#include <gtest/gtest.h>

#include "eventstore/follower.h"
#include "eventstore/kafka/relay.h"
#include "eventstore/kafka/verify_topic.h"
#include "eventstore/log_source.h"
#include "eventstore/postgres/pg_leases.h"
#include "eventstore/postgres/pg_relay_progress.h"
#include "tests/support/database.h"
#include "tests/support/eventually.h"
#include "tests/support/kafka/test_topic.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

constexpr std::int32_t partitions = 4;

class RelayPostgres : public testing::Test {
  protected:
    // One process that relays.
    struct Process {
        explicit Process(RelayPostgres& test)
            : heads(partitions),
              poller(
                  heads, [log = std::shared_ptr(test.database.log())] { return log->heads(); },
                  20ms),
              progress(test.database.writer()),
              relay({.kafka = test.topic.settings(),
                     .topic = {.partitions = partitions},
                     .format = {},
                     .note_every = 50ms},
                    progress),
              leases(test.database.writer(), {.name = "relay", .duration = 1s}, partitions),
              follower(
                  {.name = "relay"}, leases,
                  [&test, this] {
                      return relay.following(
                          std::make_unique<LogSource>(test.database.log(), heads));
                  },
                  relay, heads, log_fork_check([&test] { return test.database.log(); })) {
            follower.start();
        }
        HeadWatch heads;
        HeadPoller poller;
        PgRelayProgress progress;
        Relay relay;
        PgLeases leases;
        Follower follower;
    };

    void append(int commands) {
        const auto log = database.log();
        for (int i = 0; i < commands; ++i) {
            AppendCommand command{.id = fresh_command_id()};
            const auto stream = StreamName::of("thing", to_text(command.id.value()));
            command.uses = {{stream, {}, {{.type = "thing.done", .data = "x"}}}};
            log->append(std::span(&command, 1));
        }
    }
    std::int64_t outbox() {
        return database.admin().query("SELECT count(*) FROM skald.outbox").int8(0, 0);
    }
    bool outbox_empty() {
        return eventually([&] { return outbox() == 0; });
    }
    TopicComparison compare() {
        const auto log = database.log();
        return verify_topic(
            {.brokers = topic.settings().brokers, .topic = topic.settings().topic, .patience = 1s},
            *log, log->heads());
    }
    void expect_same() {
        const auto found = compare();
        EXPECT_TRUE(found.same()) << found.first;
    }

    Database database{partitions};
    TestTopic topic;
};

TEST_F(RelayPostgres, empties_the_outbox_into_the_topic) {
    append(30);
    EXPECT_EQ(outbox(), 30);
    Process one(*this);
    EXPECT_TRUE(outbox_empty());
    append(20);
    EXPECT_TRUE(outbox_empty());
    expect_same();
    EXPECT_EQ(compare().repeats, 0);
    const auto heads = database.log()->heads();
    for (const auto& note : read_relay_progress(database.admin())) {
        EXPECT_EQ(note.at.position, heads[std::size_t(note.partition.value())]);
    }
}

TEST_F(RelayPostgres, processes_share_the_partitions_and_take_over_without_repeats) {
    auto one = std::make_unique<Process>(*this);
    auto two = std::make_unique<Process>(*this);
    EXPECT_TRUE(eventually([&] {
        return one->follower.progress().size() == 2 && two->follower.progress().size() == 2;
    }));
    append(40);
    EXPECT_TRUE(outbox_empty());
    one.reset();
    append(40);
    EXPECT_TRUE(outbox_empty());
    EXPECT_EQ(two->follower.progress().size(), 4u);
    expect_same();
    EXPECT_EQ(compare().repeats, 0);
}

TEST_F(RelayPostgres, lost_connections_cost_nothing_but_time) {
    Process one(*this);
    for (int i = 0; i < 5; ++i) {
        append(20);
        database.admin().query(
            "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a "
            "WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() "
            "AND a.backend_type = 'client backend'");
    }
    append(20);
    EXPECT_TRUE(outbox_empty());
    expect_same();
}

TEST_F(RelayPostgres, a_log_set_back_behind_its_back_is_noticed_and_nothing_is_published_on_top) {
    append(40);
    Process one(*this);
    EXPECT_TRUE(outbox_empty());
    const auto before = compare().records;
    // Streams fall into partitions by chance: one with no more than what is kept loses nothing.
    int shortened = 0;
    for (int p = 0; p < partitions; ++p) shortened += topic.records(Partition(p)).size() > 2;
    ASSERT_GT(shortened, 0);
    // A restore: the newest events are gone, connections are cut, and the log goes on otherwise.
    database.admin().script(
        "DELETE FROM skald.events e WHERE e.position > 2;"
        "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a "
        "WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() "
        "AND a.backend_type = 'client backend'");
    append(40);
    EXPECT_TRUE(eventually([&] {
        int forked = 0;
        for (const auto& p : one.follower.progress()) forked += p.state == FollowerState::forked;
        return forked == shortened;
    }));
    std::int64_t records = 0;
    for (int p = 0; p < partitions; ++p) records += std::ssize(topic.records(Partition(p)));
    if (shortened == partitions) {
        EXPECT_EQ(records, before);
    }
}

TEST_F(RelayPostgres, progress_never_goes_back_but_can_be_forgotten) {
    PgRelayProgress progress(database.writer());
    const Cursor three{Position(3), event_id({}, 3)};
    const Cursor five{Position(5), event_id({}, 5)};
    EXPECT_EQ(progress.noted(Partition(1)), Cursor{});
    progress.note({{Partition(1), five}});
    progress.note({{Partition(1), three}});
    EXPECT_EQ(progress.noted(Partition(1)), five);
    progress.forget(Partition(1));
    EXPECT_EQ(progress.noted(Partition(1)), Cursor{});
}

}  // namespace
}  // namespace skald::tests
