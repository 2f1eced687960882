#include "api/cli/event_reading.h"

#include <gtest/gtest.h>

#include "api/cli/command.h"
#include "domain/kernel/invariant.h"
#include "eventstore/memory/memory_log.h"

namespace skald::cli {
namespace {

using namespace eventstore;

constexpr std::int32_t partitions = 4;

// stock-A: 700 events (more than a page), types alternating; order-B: one event.
std::unique_ptr<MemoryLog> filled_log() {
    auto log = std::make_unique<MemoryLog>(std::make_shared<MemoryStore>(partitions));
    const auto append = [&](const StreamName& stream, int count) {
        AppendCommand command;
        command.id = fresh_command_id();
        command.uses = {{stream, Version(0), {}}};
        for (int i = 0; i < count; ++i) {
            command.uses[0].events.push_back(
                {i % 2 == 0 ? "stock.received" : "stock.adjusted", 1, "d", "m"});
        }
        INVARIANT(log->append(std::span(&command, 1)).outcomes[0].kind == OutcomeKind::accepted);
    };
    append(StreamName::of("stock", "A"), 700);
    append(StreamName::of("order", "B"), 1);
    return log;
}

std::int32_t home(std::string_view key) { return partition_of(key, partitions).value(); }

struct Row {
    std::string name;
    EventQuery query;
    std::size_t count;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class ReadEvents : public testing::TestWithParam<Row> {};

TEST_P(ReadEvents, HandsOverExactlyWhatWasAskedForInOrder) {
    const auto& query = GetParam().query;
    const auto log = filled_log();
    std::vector<StoredEvent> got;
    read_events(*log, query, [&](const StoredEvent& event) {
        got.push_back(event);
        return query.limit == 0 || static_cast<std::int64_t>(got.size()) < query.limit;
    });
    EXPECT_EQ(got.size(), GetParam().count);
    for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_GT(got[i].position.value(), query.after);
        EXPECT_TRUE(matches(query, got[i]));
        if (i > 0 && got[i].partition == got[i - 1].partition) {
            EXPECT_GT(got[i].position, got[i - 1].position);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Queries, ReadEvents,
    testing::Values(Row{"everything", {}, 701}, Row{"a partition", {.partition = home("A")}, 700},
                    Row{"behind a position", {.partition = home("A"), .after = 650}, 50},
                    Row{"behind the head", {.partition = home("A"), .after = 700}, 0},
                    Row{"a type", {.types = {"stock.adjusted"}}, 350},
                    Row{"two types", {.types = {"stock.adjusted", "stock.received"}}, 701},
                    Row{"no such type", {.types = {"x"}}, 0},
                    Row{"a stream", {.stream = "order-B"}, 1},
                    Row{"a stream behind a position", {.stream = "stock-A", .after = 600}, 100},
                    Row{"a stream in another partition",
                        {.partition = (home("A") + 1) % partitions, .stream = "stock-A"},
                        0},
                    Row{"no such stream", {.stream = "stock-Z"}, 0},
                    Row{"a limit", {.limit = 3}, 3},
                    Row{"a stream and a limit", {.stream = "stock-A", .limit = 600}, 600}));

TEST(ReadEventsBadly, RefusesNamesAndNumbersThatCannotBe) {
    const auto log = filled_log();
    const auto all = [](const StoredEvent&) { return true; };
    EXPECT_THROW(read_events(*log, {.partition = partitions}, all), Misused);
    EXPECT_THROW(read_events(*log, {.stream = "nodash"}, all), Misused);
}

TEST(TailEvents, HandsOverOnlyWhatComesAfterItBegan) {
    const auto log = filled_log();
    AppendCommand late;
    late.id = fresh_command_id();
    late.uses = {{StreamName::of("order", "C"), Version(0), {{"order.placed", 1, "", ""}}}};
    int looks = 0;
    // The log is asked for its heads first; what is appended from then on is new.
    class Growing : public MemoryLog {
      public:
        Growing(const MemoryLog& from, AppendCommand& more, int& calls)
            : MemoryLog(from), more_(more), calls_(calls) {}
        Heads heads() override {
            if (++calls_ == 2) append(std::span(&more_, 1));
            return MemoryLog::heads();
        }

      private:
        AppendCommand& more_;
        int& calls_;
    } growing(*log, late, looks);
    std::vector<std::string> streams;
    tail_events(growing, {}, false, [&](const StoredEvent& event) {
        streams.push_back(event.stream.text());
        return false;
    });
    EXPECT_EQ(streams, std::vector<std::string>{"order-C"});
    std::int64_t from_start = 0;
    tail_events(growing, {}, true, [&](const StoredEvent&) { return ++from_start < 702; });
    EXPECT_EQ(from_start, 702);
}

}  // namespace
}  // namespace skald::cli
