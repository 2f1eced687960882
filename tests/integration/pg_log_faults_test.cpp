// The PostgreSQL log when connections are cut, clients die or freeze, and servers are set up
// against it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <random>
#include <thread>

#include "tests/support/database.h"
#include "tests/support/tcp_proxy.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

AppendCommand append_to(const std::string& stream, std::int64_t expected,
                        CommandId id = fresh_command_id()) {
    return {.id = id,
            .uses = {{*StreamName::parse(stream),
                      Version(expected),
                      {{.type = "t.e", .data = "1", .meta = {}}}}}};
}

std::int64_t count_events(pq::Connection& admin) {
    return admin.query("SELECT count(*) FROM skald.events").int8(0, 0);
}

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = 10s) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (std::chrono::steady_clock::now() < end) {
        if (condition()) return true;
        // sleep: polls a condition that another process brings about
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

// The writer's settings with another port of loopback in their URI.
pq::Settings through(const pq::Settings& settings, std::uint16_t port) {
    auto changed = settings;
    const auto slash = changed.conninfo.rfind('/');
    const auto colon = changed.conninfo.rfind(':', slash);
    changed.conninfo = changed.conninfo.substr(0, colon + 1) + std::to_string(port) +
                       changed.conninfo.substr(slash);
    return changed;
}

std::uint16_t port_of(const std::string& conninfo) {
    const auto slash = conninfo.rfind('/');
    return static_cast<std::uint16_t>(std::stoi(conninfo.substr(conninfo.rfind(':', slash) + 1)));
}

constexpr auto hold_partition_0 = "SELECT pg_advisory_lock(1936417132, 0)";
constexpr auto let_partition_0_go = "SELECT pg_advisory_unlock(1936417132, 0)";

// Commands that made their ids themselves are as safe to resend as those with an Idempotency-Key:
// the answer of the commit is lost, the same batch goes out again, and its receipts answer.
TEST(PgLogFaults, ABatchSentAgainAfterItsAnswerWasLostBehindTheCommitHappensOnce) {
    Database database;
    TcpProxy proxy(port_of(database.conninfo()));
    PgLog log(through(database.writer(), proxy.port()));
    const std::vector batch{append_to("a-1", 0), append_to("a-1", 1), append_to("b-2", 0)};
    log.store();
    log.append(std::vector{
        append_to("warm-1", 0)});  // the statement is prepared, so the next answer is the commit's
    proxy.swallow_answers(1);
    EXPECT_THROW(log.append(batch), Unavailable);
    ASSERT_EQ(proxy.swallowed(), 1);
    ASSERT_TRUE(eventually([&] { return count_events(database.admin()) == 4; }))
        << "the backend commits all the same";
    const auto again = log.append(batch);
    for (const auto& outcome : again.outcomes) EXPECT_EQ(outcome.kind, OutcomeKind::duplicate);
    EXPECT_EQ(again.outcomes[1].receipt.first_version, Version(2));
    EXPECT_EQ(count_events(database.admin()), 4);
}

TEST(PgLogFaults, AConnectionThatCannotBeMadeIsToldApartFromOneThatWasLost) {
    Database database;
    auto settings = through(database.writer(), 1);
    settings.connect_timeout = 500ms;
    PgLog log(settings);
    EXPECT_THROW(log.append(std::vector{append_to("a-1", 0)}), NotSent);
}

// Whoever works beside an append is called for before anything is waited for: a connection, or an
// answer.
TEST(PgLogFaults, ItTellsBeforeItWaitsForAConnectionOrAnAnswer) {
    Database database(1);
    PgLog log(database.writer());
    std::atomic<int> told{0};
    ASSERT_TRUE(log.tell_before_waiting([&told] { ++told; }));
    log.store();
    EXPECT_GT(told, 0) << "it connected";

    log.append(std::vector{append_to("a-1", 0)});
    database.admin().query(hold_partition_0);
    told = 0;
    std::jthread appender([&] { log.append(std::vector{append_to("a-1", 1)}); });
    EXPECT_TRUE(eventually([&] { return told > 0; }));
    database.admin().query(let_partition_0_go);
    appender.join();
    EXPECT_EQ(count_events(database.admin()), 2);
}

// Where a partition stood is asked anew over another connection: the log may have gone back in
// between, and an event behind its old head would leave a hole.
TEST(PgLogFaults, OverANewConnectionNothingIsPutBehindAHeadOfBefore) {
    Database database(1);
    const auto log = database.log();
    for (int i = 0; i < 3; ++i) log->append(std::vector{append_to("a-1", i)});
    database.admin().script("DELETE FROM skald.events WHERE position > 1");
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'");
    EXPECT_THROW(log->heads(), Unavailable);
    EXPECT_EQ(log->heads()[0], Position(1));
    log->append({});
    const auto result = log->append(std::vector{append_to("a-1", 1)});
    ASSERT_EQ(result.outcomes[0].kind, OutcomeKind::accepted);
    EXPECT_EQ(result.parts.at(0).heads_before, std::vector{Position(1)});
    EXPECT_EQ(result.heads.at(0).second, Position(2));
}

// Starts a process whose backend waits for the lock of partition 0, and gives its pid once it
// waits.
pid_t appender_that_waits(const Database& database, pq::Connection& admin) {
    const pid_t child = fork();
    if (child == 0) {
        auto settings = database.writer();
        settings.application_name = "waiting_appender";
        settings.lock_timeout = 60s;
        settings.statement_timeout = 60s;
        settings.answer_timeout = 60s;
        try {
            PgLog(settings, 60s).append(std::vector{append_to("a-1", 0)});
        } catch (const std::exception&) {
        }
        _exit(0);
    }
    const bool waits = eventually([&] {
        return admin
                   .query(
                       "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                       "'waiting_appender' "
                       "AND wait_event_type = 'Lock'")
                   .int8(0, 0) == 1;
    });
    EXPECT_TRUE(waits);
    return child;
}

TEST(PgLogFaults, ABackendWhoseClientWasKilledStopsWaitingForTheLock) {
    Database database(1);
    database.admin().query(hold_partition_0);
    const pid_t child = appender_that_waits(database, database.admin());
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_TRUE(eventually(
        [&] {
            return database.admin()
                       .query(
                           "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                           "'waiting_appender'")
                       .int8(0, 0) == 0;
        },
        5s));
    database.admin().query(let_partition_0_go);
    EXPECT_EQ(count_events(database.admin()), 0);
    EXPECT_EQ(database.log()->append(std::vector{append_to("a-1", 0)}).outcomes[0].kind,
              OutcomeKind::accepted);
}

TEST(PgLogFaults, AFrozenClientDoesNotKeepThePartition) {
    Database database(1);
    database.admin().query(hold_partition_0);
    const pid_t child = appender_that_waits(database, database.admin());
    kill(child, SIGSTOP);
    database.admin().query(let_partition_0_go);
    // Its statement commits by itself, with nobody listening, and the next writer goes on behind
    // it.
    EXPECT_TRUE(eventually([&] { return count_events(database.admin()) == 1; }));
    EXPECT_EQ(database.log()->append(std::vector{append_to("a-1", 1)}).outcomes[0].kind,
              OutcomeKind::accepted);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
}

TEST(PgLogFaults, RepeatableReadAsTheDatabasesDefaultChangesNothing) {
    Database database(1);
    const auto name = database.admin().query("SELECT current_database()").text(0, 0);
    database.admin().script("ALTER DATABASE " + name +
                            " SET default_transaction_isolation = 'repeatable read'");
    std::vector<std::jthread> writers;
    std::atomic<int> accepted{0};
    for (int w = 0; w < 4; ++w) {
        writers.emplace_back([&, w] {
            const auto log = database.log();
            for (int i = 0; i < 25; ++i) {
                const auto result =
                    log->append(std::vector{append_to("s-" + std::to_string(w), i)});
                accepted += result.outcomes[0].kind == OutcomeKind::accepted;
            }
        });
    }
    writers.clear();
    EXPECT_EQ(accepted, 100);
    EXPECT_EQ(database.log()->heads()[0], Position(100));
}

TEST(PgLogFaults, TheAppendRefusesToRunOnASnapshotFromBeforeItsLock) {
    Database database(1);
    pq::Connection connection(database.owner());
    pq::Transaction transaction(connection, "ISOLATION LEVEL REPEATABLE READ");
    try {
        connection.query(
            "SELECT a.outcome FROM "
            "skald.append('{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}',"
            "'{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','"
            "{}',"
            "true) AS a");
        FAIL() << "it ran";
    } catch (const pq::Error& error) {
        EXPECT_NE(std::string(error.what()).find("READ COMMITTED"), std::string::npos);
    }
}

// A plan made while the tables were empty would read them whole, or an index; statistics must not
// be needed to avoid that.
TEST(PgLogFaults, PlansOfAConnectionThatBeganOnAnEmptyStoreStayOnTheIndexes) {
    Database database(1);
    auto& admin = database.admin();
    admin.script(
        "ALTER TABLE skald.events SET (autovacuum_enabled = off);"
        "ALTER TABLE skald.commands SET (autovacuum_enabled = off);"
        "ALTER TABLE skald.snapshots SET (autovacuum_enabled = off)");
    const auto log = database.log();
    const auto keep_and_read = [&](const char* name, std::int64_t version) {
        const auto stream = *StreamName::parse(name);
        const StreamFrom from{stream, Version(version - 1)};
        const auto last = mark_of(log->read_streams(std::span(&from, 1), 1).at(0));
        const Snapshot snapshot{stream, Version(version), last, 1, "state"};
        log->keep(std::span(&snapshot, 1));
        const SnapshotWanted wanted[] = {{stream, 1}, {*StreamName::parse("fill-7"), 1}};
        ASSERT_EQ(log->snapshots(wanted).size(), 1U);
    };
    for (int i = 0; i < 10; ++i) {
        log->append(std::vector{append_to("a-1", i)});
        keep_and_read("a-1", i + 1);
    }
    for (int i = 0; i < 10; ++i) {  // a million events, of which one stream has the last 100 000
        const auto first = std::to_string(100'000 * i);
        const auto number = first + " + n";
        const bool last = i == 9;
        admin.script("INSERT INTO skald.events SELECT 0, 10 + " + number + ", " +
                     (last ? "'long-1', n" : "'fill-' || (" + number + "), 1") +
                     ", 't.e', 1, gen_random_uuid(), 1, now(), '', '' "
                     "FROM generate_series(1, 100000) n");
        admin.script(
            "INSERT INTO skald.commands SELECT gen_random_uuid(), decode(repeat('00', 16), "
            "'hex'), 1, 0, 'fill-1', 1, 1 FROM generate_series(1, 100000) n");
    }
    admin.script(
        "INSERT INTO skald.snapshots SELECT 0, 'fill-' || n, 1, gen_random_uuid(), 1, now(), 1, "
        "'', now() FROM generate_series(1, 100000) n");
    const auto rows_read = [&] {
        admin.query("SELECT pg_stat_force_next_flush()");
        return admin
            .query(
                "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables "
                "        WHERE schemaname = 'skald')::bigint "
                "       + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes "
                "          WHERE schemaname = 'skald')::bigint")
            .int8(0, 0);
    };
    const auto before = rows_read();
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(log->append(std::vector{append_to("a-1", 10 + i)}).outcomes[0].kind,
                  OutcomeKind::accepted);
        const StreamFrom from[] = {{*StreamName::parse("a-1"), Version(0)},
                                   {*StreamName::parse("fill-7"), Version(0)}};
        ASSERT_EQ(log->read_streams(from, 1000).size(), static_cast<std::size_t>(12 + i));
        ASSERT_EQ(log->heads()[0], Position(1000011 + i));
        keep_and_read("long-1", 50'000 + i);
        ASSERT_EQ(log->read(Partition(0), Position(1000000), {.events_max = 5}).size(), 5U);
    }
    EXPECT_TRUE(log->append(std::vector{append_to("a-1", 3)}).outcomes[0].kind ==
                OutcomeKind::conflict);
    // sleep: a backend reports its statistics at most once a second
    std::this_thread::sleep_for(1200ms);
    log->heads();
    EXPECT_LT(rows_read() - before, 50'000)
        << "at least one statement read a table or a long stream from end to end";
}

TEST(PgLogFaults, BatchesThatShareIdsInAnyOrderNeitherDeadlockNorRepeat) {
    Database database(8);
    std::vector<CommandId> ids;
    for (int i = 0; i < 30; ++i) ids.push_back(fresh_command_id());
    std::atomic<int> accepted{0};
    std::vector<std::jthread> writers;
    for (int w = 0; w < 4; ++w) {
        writers.emplace_back([&, w] {
            std::mt19937 random(static_cast<unsigned>(w));
            const auto log = database.log();
            auto shuffled = ids;
            std::shuffle(shuffled.begin(), shuffled.end(), random);
            for (std::size_t at = 0; at < shuffled.size(); at += 10) {
                std::vector<AppendCommand> batch;
                for (std::size_t i = at; i < at + 10; ++i) {
                    batch.push_back(append_to("w" + std::to_string(w) + "-" + std::to_string(i), 0,
                                              shuffled[i]));
                }
                for (const auto& outcome : log->append(batch).outcomes)
                    accepted += outcome.kind == OutcomeKind::accepted;
            }
        });
    }
    writers.clear();
    EXPECT_EQ(accepted, 30);
    EXPECT_EQ(count_events(database.admin()), 30);
}

struct Right {
    const char* role;
    const char* statement;
};

TEST(PgLogFaults, NobodyButTheOwnerMayTouchWhatIsStored) {
    Database database;
    database.log()->append(std::vector{append_to("a-1", 0)});
    const Right rows[] = {
        {"skald_writer", "UPDATE skald.events SET data = ''"},
        {"skald_writer", "DELETE FROM skald.events"},
        {"skald_writer", "TRUNCATE skald.events"},
        {"skald_writer",
         "INSERT INTO skald.events VALUES (0, 2, 'a-1', 2, 't.e', 1, gen_random_uuid(), 1, now(), "
         "'', '')"},
        {"skald_writer", "INSERT INTO skald.commands VALUES (gen_random_uuid(), '', 4)"},
        {"skald_writer", "UPDATE skald.commands SET count = 0"},
        {"skald_writer", "DELETE FROM skald.commands"},
        {"skald_writer", "UPDATE skald.store SET era = 9"},
        {"skald_writer", "DROP TABLE skald.events"},
        {"skald_reader",
         "INSERT INTO skald.commands VALUES (gen_random_uuid(), decode(repeat('00', 16), 'hex'), "
         "4, 0, '', 1, 0)"},
        {"skald_reader", "DELETE FROM skald.events"},
        {"skald_reader", "SELECT value FROM skald.secrets"},
    };
    for (const auto& row : rows) {
        pq::Connection connection({.conninfo = database.conninfo(), .role = row.role});
        try {
            connection.script(row.statement);
            ADD_FAILURE() << row.role << " may " << row.statement;
        } catch (const pq::Error& error) {
            EXPECT_EQ(error.sqlstate, "42501") << row.statement << ": " << error.what();
        }
    }
}

}  // namespace
}  // namespace skald::tests
