// Several executors on one PostgreSQL, as several processes have them, whose commands read streams
// that the others write: what a command decided on is what was there.
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <semaphore>
#include <thread>

#include "eventstore/executor.h"
#include "tests/support/database.h"

namespace skald::tests {
namespace {

using namespace eventstore;
using namespace std::chrono_literals;

// How often a stream was written to.
class VersionFold : public Fold {
  public:
    std::any initial() const override { return std::int64_t{0}; }
    void apply(std::any& state, const StoredEvent& event) const override {
        state = event.version.value();
    }
    std::size_t bytes(const std::any&) const override { return 8; }
};

Folds versions() {
    return {{"read", std::make_shared<VersionFold>()}, {"note", std::make_shared<VersionFold>()}};
}

Command write_to(const StreamName& stream) {
    Command command;
    command.id = fresh_command_id();
    command.deadline = Clock::now() + 30s;
    command.streams = {stream};
    command.decide = [](const States&) -> Decided {
        return Accepted{{{{.type = "written", .data = "1", .meta = {}}}}};
    };
    return command;
}

// Notes on one stream at which version it saw another.
Command note(const StreamName& on, const StreamName& seen) {
    auto command = write_to(on);
    command.streams.push_back(seen);
    command.decide = [](const States& states) -> Decided {
        return Accepted{
            {{{.type = "noted", .data = std::to_string(states.version(1).value()), .meta = {}}}}};
    };
    return command;
}

StreamName of(const std::string& category, int key) {
    return StreamName::of(category, std::to_string(key) + "." + category);
}

// How many notes there are. Both streams of a pair share a partition, so the log's order tells
// which version a note's command had to see.
int sound_notes(const pq::Settings& settings, int partitions) {
    PgLog log(settings);
    int notes = 0;
    for (int p = 0; p < partitions; ++p) {
        std::map<std::string, std::int64_t> version;  // of the stream that is read, by key
        for (const auto& event :
             log.read(Partition(p), Position(0), {.events_max = 100'000, .bytes_max = any_bytes})) {
            const std::string key(event.stream.partition_key());
            if (event.type == "written") {
                version[key] = event.version.value();
            } else {
                ++notes;
                EXPECT_EQ(event.data, std::to_string(version[key])) << event.stream.text();
            }
        }
    }
    return notes;
}

// An executor trusts a state that it has seen at a partition's head while it believes itself to be
// the partition's only writer.
TEST(SharedPartitions, ACommandIsDecidedOnTheVersionThatIsThere) {
    constexpr int pairs = 5;
    constexpr int each = 300;
    Database database(2);
    const auto settings = database.writer();
    std::vector<std::jthread> writers;
    for (int w = 0; w < 3; ++w) {
        writers.emplace_back([&, w] {
            Executor executor([settings] { return std::make_unique<PgLog>(settings); }, versions(),
                              {});
            for (int i = 0; i < each; ++i) {
                const int key = (i * 7 + w) % pairs;
                // Streaks of one writer, in which it looks at nothing but the head, and changes.
                const bool writes = (i / 10 + w) % 3 == 0;
                const auto answer = executor.run(writes ? write_to(of("read", key))
                                                        : note(of("note", key), of("read", key)));
                if (answer.kind != AnswerKind::done) ADD_FAILURE() << static_cast<int>(answer.kind);
            }
        });
    }
    writers.clear();

    EXPECT_GT(sound_notes(settings, 2), each);
}

// The same with so many commands under way that most are decided ahead of an append, by two who
// take turns: each finds that the other has written, and is alone then.
TEST(SharedPartitions, ACommandDecidedAheadSeesTheVersionThatIsThere) {
    // More than one batch finds out about, and more events than are followed.
    constexpr int pairs = 2000;
    constexpr int turns = 3;
    constexpr int in_a_turn = 6000;
    constexpr int in_flight = 150;
    Database database(4);
    const auto settings = database.writer();
    std::binary_semaphore turn_of[] = {std::binary_semaphore(1), std::binary_semaphore(0)};
    std::vector<std::jthread> writers;
    for (int w = 0; w < 2; ++w) {
        writers.emplace_back([&, w] {
            std::counting_semaphore<> free(in_flight);
            Executor executor([settings] { return std::make_unique<PgLog>(settings); }, versions(),
                              {});
            for (int i = 0; i < turns * in_a_turn; ++i) {
                if (i % in_a_turn == 0) turn_of[w].acquire();
                const int key = (i * 7 + w) % pairs;
                const bool writes = (i / 20) % 3 == 0;
                free.acquire();
                // A stream of its own, so that nothing but what it reads can be of another version.
                const auto own =
                    StreamName::of("note", std::to_string(key) + ".of_" + std::to_string(w));
                executor.submit(writes ? write_to(of("read", key)) : note(own, of("read", key)),
                                [&free](const Answer& answer) {
                                    EXPECT_EQ(answer.kind, AnswerKind::done);
                                    free.release();
                                });
                if ((i + 1) % in_a_turn != 0) continue;
                for (int n = 0; n < in_flight; ++n) free.acquire();
                free.release(in_flight);
                turn_of[1 - w].release();
            }
        });
    }
    writers.clear();
    EXPECT_GT(sound_notes(settings, 4), turns * in_a_turn);
}

// The log may have been set back while the connection was away, so what was seen over the old one
// is worth nothing on the new one.
TEST(SharedPartitions, WhatWasSeenOverAnotherConnectionIsLookedAtAgain) {
    Database database(1);
    PgLog log(database.writer());
    const auto stream = of("read", 1);
    const auto append = [&](std::int64_t expected, std::optional<Position> seen_at) {
        return log.append(
            std::vector{AppendCommand{.id = fresh_command_id(),
                                      .uses = {{stream,
                                                Version(expected),
                                                {{.type = "written", .data = "1", .meta = {}}},
                                                seen_at}}}});
    };
    const auto first = append(0, std::nullopt);
    ASSERT_EQ(first.outcomes[0].kind, OutcomeKind::accepted);
    const auto connection = first.connection;
    database.admin().query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'");
    // A state that has one event more than the log, as one has that outlived a restore.
    try {
        append(2, first.heads[0].second);
        FAIL() << "the connection was ended";
    } catch (const Unavailable&) {
    }
    const auto again = append(2, first.heads[0].second);
    EXPECT_EQ(again.outcomes[0].kind, OutcomeKind::conflict);
    EXPECT_NE(again.connection, connection);
}

// A batch is halved when PostgreSQL refuses some of its data. What a later command of it had seen
// of a stream was the doing of an earlier one, which was refused: its event was stored behind one
// that never was, and the stream could not be loaded any more.
TEST(SharedPartitions, WhatARefusedCommandWouldHaveLeftWasNotSeen) {
    Database database(1);
    const auto settings = database.writer();
    Executor executor([settings] { return std::make_unique<PgLog>(settings); }, versions(), {});
    const auto stream = of("read", 1);
    ASSERT_EQ(executor.run(write_to(stream)).kind, AnswerKind::done);
    ASSERT_EQ(executor.run(write_to(stream)).kind, AnswerKind::done);
    auto refused = write_to(stream);
    refused.decide = [](const States&) -> Decided {
        return Accepted{{{{.type = std::string("n\0l", 3), .data = "1", .meta = {}}}}};
    };

    // While this lock is held an append waits, and what comes meanwhile shares the next one.
    database.admin().query("SELECT pg_advisory_lock(1936417132, 0)");
    std::vector<std::future<Answer>> answers;
    for (auto& command : {write_to(stream), refused, write_to(stream), write_to(stream)}) {
        auto promise = std::make_shared<std::promise<Answer>>();
        answers.push_back(promise->get_future());
        executor.submit(command,
                        [promise](Answer answer) { promise->set_value(std::move(answer)); });
        // sleep: until the first is on its way, so that the others share a batch; else it only
        // tests less
        if (answers.size() == 1) std::this_thread::sleep_for(50ms);
    }
    database.admin().query("SELECT pg_advisory_unlock(1936417132, 0)");
    EXPECT_EQ(answers[0].get().kind, AnswerKind::done);
    EXPECT_EQ(answers[1].get().kind, AnswerKind::invalid);
    EXPECT_EQ(answers[2].get().version, Version(4));
    EXPECT_EQ(answers[3].get().version, Version(5));
    EXPECT_EQ(executor.run(write_to(stream)).version, Version(6));
}

}  // namespace
}  // namespace skald::tests
