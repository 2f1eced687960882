#include "tests/contract/log_contract.h"

#include <set>
#include <thread>

namespace skald::tests {

using namespace eventstore;

TEST_P(LogContract, AnEmptyLogHasHeadsOfZeroAndNoEvents) {
    EXPECT_EQ(log().heads(), Heads(4));
    EXPECT_TRUE(log().read(Partition(0), Position(0), {}).empty());
    EXPECT_EQ(log().receipt(id(1)), std::nullopt);
    EXPECT_EQ(log().store().partitions, 4);
}

TEST_P(LogContract, AppendedEventsAreReadBackAsTheyWereStored) {
    const auto result = log().append(std::vector{command(1, {uses("a-1", 0, {"x", "y"})})});
    ASSERT_EQ(kinds(result), "accepted");
    const StreamFrom from[] = {{stream("a-1"), Version(0)}};
    const auto stored = log().read_streams(from, 10);
    ASSERT_EQ(stored.size(), 2U);
    EXPECT_EQ(stored[0].stream, stream("a-1"));
    EXPECT_EQ(stored[0].version, Version(1));
    EXPECT_EQ(stored[0].position, Position(1));
    EXPECT_EQ(stored[0].partition, partition_of("1", 4));
    EXPECT_EQ(stored[0].type, "test.noted");
    EXPECT_EQ(stored[0].meta, "m");
    EXPECT_EQ(stored[0].command, id(1));
    EXPECT_EQ(stored[1].command_seq, 2);
    EXPECT_EQ(stored[1].id, event_id(id(1), 2));
    EXPECT_EQ(stored[1].version, Version(2));
    EXPECT_EQ(stored[1].position, Position(2));
    EXPECT_GT(stored[0].recorded_at, RecordedAt(1'600'000'000'000'000));
    EXPECT_EQ(stored[1].recorded_at, stored[0].recorded_at);
    EXPECT_EQ(result.heads, (std::vector{std::pair(stored[0].partition, Position(2))}));
}

TEST_P(LogContract, PositionsAreDenseInAPartitionWhateverTheStreams) {
    start(1);
    std::vector<AppendCommand> batch;
    for (int i = 0; i < 20; ++i)
        batch.push_back(command(i, {uses("a-" + std::to_string(i % 7), i / 7, {"e"})}));
    ASSERT_EQ(log().append(batch).outcomes.size(), 20U);
    log().append(std::vector{command(100, {uses("b-1", 0, {"p", "q"})})});
    const auto all = log().read(Partition(0), Position(0), {});
    ASSERT_EQ(all.size(), 22U);
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(all[i].position, Position(static_cast<std::int64_t>(i + 1)));
}

TEST_P(LogContract, ReadsKeepTheirLimits) {
    start(1);
    std::vector<AppendCommand> batch;
    for (int i = 0; i < 10; ++i)
        batch.push_back(command(i, {uses("a-1", i, {std::string(1000, 'x')})}));
    log().append(batch);
    EXPECT_EQ(log().read(Partition(0), Position(3), {.events_max = 4}).size(), 4U);
    EXPECT_EQ(log().read(Partition(0), Position(3), {.events_max = 4}).front().position,
              Position(4));
    EXPECT_EQ(log().read(Partition(0), Position(0), {.events_max = 100, .bytes_max = 2500}).size(),
              3U);
    EXPECT_EQ(log().read(Partition(0), Position(0), {.events_max = 100, .bytes_max = 1}).size(),
              1U);
    const StreamFrom from[] = {{stream("a-1"), Version(8)}};
    EXPECT_EQ(log().read_streams(from, 100).size(), 2U);
    EXPECT_EQ(log().read_streams(from, 1).size(), 1U);
    const StreamFrom two[] = {{stream("b-1"), Version(0)}, {stream("a-1"), Version(6)}};
    log().append(std::vector{command(50, {uses("b-1", 0, {std::string(1000, 'y')})})});
    const auto cut = log().read_streams(two, 100, 2500);
    ASSERT_EQ(cut.size(), 3U);
    EXPECT_EQ(cut[0].stream, stream("b-1"));
    EXPECT_EQ(cut[2].version, Version(8));
    EXPECT_EQ(log().read_streams(two, 100, 1).size(), 1U);
}

TEST_P(LogContract, SeveralStreamsAreReadInTheOrderAskedFor) {
    log().append(std::vector{command(1, {uses("a-1", 0, {"1"}), uses("b-2", 0, {"2", "3"})})});
    const StreamFrom from[] = {
        {stream("b-2"), Version(1)}, {stream("c-9"), Version(0)}, {stream("a-1"), Version(0)}};
    const auto found = log().read_streams(from, 100);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].data, "3");
    EXPECT_EQ(found[1].data, "1");
}

struct BatchRule {
    const char* rule;
    std::vector<AppendCommand> before;
    std::vector<AppendCommand> batch;
    std::string outcomes;
    std::map<std::string, std::string> contents;  // stream -> its data afterwards
};

TEST_P(LogContract, BatchRules) {
    const auto nothing = Verdict::nothing_to_do;
    const auto refused = Verdict::refused;
    const std::vector<BatchRule> rules{
        {"a chain in one batch",
         {},
         {command(1, {uses("a-1", 0, {"x"})}), command(2, {uses("a-1", 1, {"y"})})},
         "accepted accepted",
         {{"a-1", "x y"}}},
        {"a version that is too low",
         {command(1, {uses("a-1", 0, {"x"})})},
         {command(2, {uses("a-1", 0, {"y"})})},
         "conflict",
         {{"a-1", "x"}}},
        {"a version that is too high",
         {},
         {command(1, {uses("a-1", 1, {"x"})})},
         "conflict",
         {{"a-1", ""}}},
        {"a retry finds its receipt",
         {command(1, {uses("a-1", 0, {"x"})})},
         {command(1, {uses("a-1", 0, {"x"})})},
         "duplicate",
         {{"a-1", "x"}}},
        {"a retry finds its receipt before its version is looked at",
         {command(1, {uses("a-1", 0, {"x"})})},
         {command(1, {uses("a-1", 1, {"x"})})},
         "duplicate",
         {{"a-1", "x"}}},
        {"the same id twice in a batch",
         {},
         {command(1, {uses("a-1", 0, {"x"})}), command(1, {uses("a-1", 0, {"x"})})},
         "accepted duplicate",
         {{"a-1", "x"}}},
        {"the same id twice, the second decided on the first",
         {},
         {command(1, {uses("a-1", 0, {"x"})}), command(1, {uses("a-1", 1, {"x"})})},
         "accepted duplicate",
         {{"a-1", "x"}}},
        {"the same id twice, the first fails: the second is behind it",
         {},
         {command(1, {uses("a-1", 7, {"x"})}), command(1, {uses("a-1", 0, {"x"})})},
         "conflict behind",
         {{"a-1", ""}}},
        {"the same id three times on two streams",
         {},
         {command(1, {uses("a-1", 0, {"x"})}), command(1, {uses("b-1", 0, {"y"})}),
          command(1, {uses("a-1", 0, {"x"})})},
         "accepted duplicate duplicate",
         {{"a-1", "x"}, {"b-1", ""}}},
        {"the same id a third time, after a refusal without receipt and a success",
         {},
         {verdict(1, refused, false, {uses("a-1", 0, {})}), command(2, {uses("a-1", 0, {"x"})}),
          command(1, {uses("a-1", 1, {"y"})}), command(1, {uses("a-1", 2, {"y"})})},
         "accepted accepted accepted duplicate",
         {{"a-1", "x y"}}},
        {"a chain behind a duplicate",
         {command(1, {uses("a-1", 0, {"x"})})},
         {command(1, {uses("a-1", 0, {"x"})}), command(2, {uses("a-1", 1, {"y"})})},
         "duplicate behind",
         {{"a-1", "x"}}},
        {"a chain behind the second of a pair",
         {},
         {command(1, {uses("a-1", 0, {"x"})}), command(1, {uses("a-1", 1, {"x"})}),
          command(2, {uses("a-1", 2, {"y"})})},
         "accepted duplicate behind",
         {{"a-1", "x"}}},
        {"failure is transitive over streams",
         {},
         {command(1, {uses("a-1", 3, {"x"})}),
          command(2, {uses("a-1", 4, {"x"}), uses("b-2", 0, {"y"})}),
          command(3, {uses("b-2", 1, {"z"})}), command(4, {uses("c-3", 0, {"free"})})},
         "conflict behind behind accepted",
         {{"a-1", ""}, {"b-2", ""}, {"c-3", "free"}}},
        {"a group is all or none",
         {command(1, {uses("b-2", 0, {"old"})})},
         {command(2, {uses("a-1", 0, {"x"}), uses("b-2", 0, {"y"}), uses("c-3", 0, {"z"})})},
         "conflict",
         {{"a-1", ""}, {"b-2", "old"}, {"c-3", ""}}},
        {"a group that fails in the middle takes only those behind it along",
         {command(1, {uses("b-2", 0, {"old"})})},
         {command(2, {uses("a-1", 0, {"x"}), uses("b-2", 0, {"y"})}),
          command(3, {uses("a-1", 1, {"late"})}), command(4, {uses("b-2", 1, {"new"})}),
          command(5, {uses("d-4", 0, {"free"})})},
         "conflict behind behind accepted",
         {{"a-1", ""}, {"b-2", "old"}, {"d-4", "free"}}},
        {"a group stores all its events",
         {},
         {command(1, {uses("a-1", 0, {"x"}), uses("b-2", 0, {"y", "z"})})},
         "accepted",
         {{"a-1", "x"}, {"b-2", "y z"}}},
        {"a price that was read and moved",
         {command(1, {uses("price-1", 0, {"5"})}), command(2, {uses("price-1", 1, {"6"})})},
         {command(3, {uses("order-1", 0, {"at 5"}), uses("price-1", 1, {})})},
         "conflict",
         {{"order-1", ""}}},
        {"a price that was read and stands",
         {command(1, {uses("price-1", 0, {"5"})})},
         {command(3, {uses("order-1", 0, {"at 5"}), uses("price-1", 1, {})})},
         "accepted",
         {{"order-1", "at 5"}}},
        {"a price that changes earlier in the same batch",
         {command(1, {uses("price-1", 0, {"5"})})},
         {command(2, {uses("price-1", 1, {"6"})}),
          command(3, {uses("order-1", 0, {"at 5"}), uses("price-1", 1, {})})},
         "accepted conflict",
         {{"order-1", ""}, {"price-1", "5 6"}}},
        {"readers of a stream do not fail with one another",
         {command(1, {uses("price-1", 0, {"5"})})},
         {command(2, {uses("order-1", 4, {"x"}), uses("price-1", 1, {})}),
          command(3, {uses("order-2", 0, {"y"}), uses("price-1", 1, {})})},
         "conflict accepted",
         {{"order-1", ""}, {"order-2", "y"}}},
        {"a stale refusal",
         {command(1, {uses("a-1", 0, {"x"})})},
         {verdict(2, refused, false, {uses("a-1", 0, {})})},
         "conflict",
         {}},
        {"a refusal that stands",
         {command(1, {uses("a-1", 0, {"x"})})},
         {verdict(2, refused, false, {uses("a-1", 1, {})})},
         "accepted",
         {}},
        {"a stale nothing to do",
         {command(1, {uses("a-1", 0, {"x"})})},
         {verdict(2, nothing, true, {uses("a-1", 0, {})})},
         "conflict",
         {}},
        {"a refusal decided on a command that failed",
         {command(1, {uses("a-1", 0, {"x"})})},
         {command(2, {uses("a-1", 0, {"y"})}), verdict(3, refused, false, {uses("a-1", 1, {})})},
         "conflict behind",
         {{"a-1", "x"}}},
        {"a client's refusal leaves no receipt: a retry decides again",
         {verdict(1, refused, false, {uses("a-1", 0, {})})},
         {command(1, {uses("a-1", 0, {"now"})})},
         "accepted",
         {{"a-1", "now"}}},
        {"a saga's refusal leaves one",
         {verdict(1, refused, true, {uses("a-1", 0, {})})},
         {command(1, {uses("a-1", 0, {"now"})})},
         "duplicate",
         {{"a-1", ""}}},
        {"nothing to do leaves a receipt",
         {verdict(1, nothing, true, {uses("a-1", 0, {})})},
         {command(1, {uses("a-1", 0, {"now"})})},
         "duplicate",
         {{"a-1", ""}}},
        {"a cancelled command never runs",
         {cancelling(id(1))},
         {command(1, {uses("a-1", 0, {"x"})})},
         "duplicate",
         {{"a-1", ""}}},
        {"cancelling what has run tells so",
         {command(1, {uses("a-1", 0, {"x"})})},
         {cancelling(id(1))},
         "duplicate",
         {{"a-1", "x"}}},
        {"cancelling twice", {cancelling(id(1))}, {cancelling(id(1))}, "duplicate", {}},
        {"cancelled earlier in the same batch",
         {},
         {cancelling(id(1)), command(1, {uses("a-1", 0, {"x"})}),
          command(2, {uses("a-1", 1, {"y"})})},
         "accepted duplicate behind",
         {{"a-1", ""}}},
        {"cancelled behind itself in the same batch",
         {},
         {command(1, {uses("a-1", 0, {"x"})}), cancelling(id(1))},
         "accepted duplicate",
         {{"a-1", "x"}}},
        {"an event above 256 KiB is refused alone",
         {},
         {command(1, {uses("a-1", 0, {"x"})}),
          command(2, {uses("b-2", 0, {std::string(event_bytes_max, 'b')})}),
          command(3, {uses("c-3", 0, {"z"})})},
         "accepted invalid accepted",
         {{"a-1", "x"}, {"b-2", ""}, {"c-3", "z"}}},
        {"an event of 256 KiB is stored",
         {},
         {command(1, {uses("a-1", 0, {std::string(event_bytes_max - 1, 'b')})})},
         "accepted",
         {{"a-1", std::string(event_bytes_max - 1, 'b')}}},
    };
    for (const auto& row : rules) {
        SCOPED_TRACE(row.rule);
        start(4);
        for (const auto& one : row.before)
            ASSERT_EQ(kinds(log().append(std::vector{one})), "accepted");
        EXPECT_EQ(kinds(log().append(row.batch)), row.outcomes);
        for (const auto& [name, expected] : row.contents)
            EXPECT_EQ(content(log(), name), expected) << name;
    }
}

TEST_P(LogContract, DataThatTheStoreRefusesTakesNoInnocentCommandAlong) {
    auto poisoned = command(3, {uses("p-1", 0, {"x"})});
    poisoned.uses[0].events[0].type = std::string("ty\0pe", 5);
    std::vector<AppendCommand> batch;
    for (int i = 10; i < 17; ++i)
        batch.push_back(command(i, {uses("a-" + std::to_string(i), 0, {"ok"})}));
    batch.insert(batch.begin() + 3, poisoned);
    batch.push_back(command(4, {uses("p-1", 1, {"behind the poison"})}));
    const auto result = log().append(batch);
    EXPECT_EQ(result.outcomes[3].kind, OutcomeKind::invalid);
    EXPECT_FALSE(result.outcomes[3].reason.empty());
    EXPECT_NE(result.outcomes.back().kind, OutcomeKind::accepted);
    for (int i = 10; i < 17; ++i) EXPECT_EQ(content(log(), "a-" + std::to_string(i)), "ok");
    EXPECT_EQ(content(log(), "p-1"), "");
    EXPECT_EQ(log().receipt(id(3)), std::nullopt);
}

TEST_P(LogContract, AReceiptTellsWhatTheCommandMade) {
    log().append(std::vector{command(1, {uses("a-1", 0, {"x", "y"}), uses("b-1", 0, {"z"})})});
    const auto receipt = log().receipt(id(1));
    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->verdict, Verdict::appended);
    EXPECT_EQ(receipt->stream, stream("a-1"));
    EXPECT_EQ(receipt->first_version, Version(1));
    EXPECT_EQ(receipt->count, 2);
    EXPECT_EQ(receipt->version_after(), Version(2));
    EXPECT_EQ(receipt->fingerprint, (Fingerprint{1}));
    const auto retry = log().append(std::vector{command(1, {uses("a-1", 0, {"other"})})});
    EXPECT_EQ(retry.outcomes[0].receipt, *receipt);
}

TEST_P(LogContract, ReceiptsOfNothingToDoAndCancelling) {
    log().append(std::vector{command(1, {uses("a-1", 0, {"x"})})});
    log().append(std::vector{verdict(2, Verdict::nothing_to_do, true, {uses("a-1", 1, {})}),
                             cancelling(id(3))});
    EXPECT_EQ(log().receipt(id(2))->verdict, Verdict::nothing_to_do);
    EXPECT_EQ(log().receipt(id(2))->version_after(), Version(1));
    EXPECT_EQ(log().receipt(id(2))->count, 0);
    EXPECT_EQ(log().receipt(id(3))->verdict, Verdict::cancelled);
    EXPECT_EQ(log().receipt(id(3))->stream, StreamName());
}

}  // namespace skald::tests
