// What a log promises of the snapshots it keeps.
#include "tests/contract/log_contract.h"

namespace skald::tests {

using namespace eventstore;

namespace {

EventMark event_at(Log& log, const std::string& name, std::int64_t version) {
    const StreamFrom from{stream(name), Version(version - 1)};
    return mark_of(log.read_streams(std::span(&from, 1), 1).at(0));
}

Snapshot snapshot(const std::string& name, std::int64_t version, const EventMark& last,
                  const std::string& state, std::int32_t revision = 1) {
    return {stream(name), Version(version), last, revision, state};
}
// Of what the log holds at that version.
Snapshot snapshot(Log& log, const std::string& name, std::int64_t version, const std::string& state,
                  std::int32_t revision = 1) {
    return snapshot(name, version, event_at(log, name, version), state, revision);
}

// The states of the snapshots found, as a text such as "a b".
std::string states(Log& log, const std::vector<std::string>& names, std::int32_t revision = 1) {
    std::vector<SnapshotWanted> wanted;
    for (const auto& name : names) wanted.push_back({stream(name), revision});
    std::string text;
    for (const auto& found : log.snapshots(wanted)) text += (text.empty() ? "" : " ") + found.state;
    return text;
}

void keep(Log& log, std::vector<Snapshot> snapshots) { log.keep(snapshots); }

}  // namespace

TEST_P(LogContract, SnapshotsAreReadAsTheyWereKept) {
    log().append(std::vector{command(1, {uses("a-1", 0, {"x", "y"}), uses("b-1", 0, {"z"})})});
    EXPECT_EQ(states(log(), {"a-1", "b-1"}), "");
    const std::string bytes("\0\xff state", 8);
    keep(log(), {snapshot(log(), "a-1", 2, bytes, 7), snapshot(log(), "b-1", 1, "b", 7)});
    const SnapshotWanted wanted[] = {{stream("a-1"), 7}, {stream("c-1"), 7}};
    const auto found = log().snapshots(wanted);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].stream, stream("a-1"));
    EXPECT_EQ(found[0].version, Version(2));
    EXPECT_EQ(found[0].last, event_at(log(), "a-1", 2));
    EXPECT_EQ(found[0].revision, 7);
    EXPECT_EQ(found[0].state, bytes);
    EXPECT_EQ(states(log(), {"a-1", "b-1"}, 6), "") << "of another revision";
}

TEST_P(LogContract, ASnapshotGivesWayToALaterOneOrOneOfAnotherRevision) {
    log().append(std::vector{command(1, {uses("a-1", 0, {"x", "y", "z"})})});
    keep(log(), {snapshot(log(), "a-1", 2, "two")});
    keep(log(), {snapshot(log(), "a-1", 1, "one")});
    EXPECT_EQ(states(log(), {"a-1"}), "two") << "an earlier one came late";
    keep(log(), {snapshot(log(), "a-1", 2, "two again")});
    EXPECT_EQ(states(log(), {"a-1"}), "two again");
    keep(log(), {snapshot(log(), "a-1", 3, "three")});
    EXPECT_EQ(states(log(), {"a-1"}), "three");
    keep(log(), {snapshot(log(), "a-1", 1, "newer", 2)});
    EXPECT_EQ(states(log(), {"a-1"}), "");
    EXPECT_EQ(states(log(), {"a-1"}, 2), "newer");
}

TEST_P(LogContract, ASnapshotOfAnEventThatTheLogDoesNotHoldIsNotKept) {
    log().append(std::vector{command(1, {uses("a-1", 0, {"x", "y"})})});
    const auto last = event_at(log(), "a-1", 2);
    auto of_another_command = last, another_of_it = last, of_another_time = last;
    of_another_command.command = id(2);
    another_of_it.command_seq = 1;
    ++of_another_time.recorded_at;  // it was sent again, to a log that had come back older
    keep(log(), {snapshot("a-1", 3, last, "beyond the end")});
    keep(log(), {snapshot("a-1", 2, of_another_command, "another command's")});
    keep(log(), {snapshot("a-1", 2, another_of_it, "another event's")});
    keep(log(), {snapshot("a-1", 2, of_another_time, "another past's")});
    keep(log(), {snapshot("c-1", 2, last, "another stream's")});
    keep(log(), {snapshot("a-1", 0, last, "no event's")});
    EXPECT_EQ(states(log(), {"a-1", "c-1"}), "");
    keep(log(), {snapshot(log(), "a-1", 1, "one")});
    EXPECT_EQ(states(log(), {"a-1"}), "one");
}

}  // namespace skald::tests
