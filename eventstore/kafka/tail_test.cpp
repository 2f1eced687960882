#include "eventstore/kafka/tail.h"

#include <gtest/gtest.h>

namespace skald::eventstore {
namespace {

EventId id(std::int64_t n) { return event_id(CommandId{}, static_cast<std::int32_t>(n)); }

Cursor cursor(std::int64_t position) {
    return {Position(position), position == 0 ? EventId{} : id(position)};
}

struct Walk {
    const char* what;
    std::vector<std::int64_t> positions;
    std::int64_t last;  // 0: none
    bool hole;
};

const Walk walks[] = {
    {"nothing", {}, 0, false},
    {"one record", {7}, 7, false},
    {"a plain run", {5, 6, 7}, 7, false},
    {"a repeat of all", {5, 6, 7, 5, 6, 7}, 7, false},
    {"a repeat that was cut off", {5, 6, 7, 5, 6}, 7, false},
    {"a repeat that goes further", {5, 6, 7, 6, 7, 8, 9}, 9, false},
    {"interleaved repeats of two relays", {5, 5, 6, 6, 7, 8, 7, 8}, 8, false},
    {"the walk begins inside repeats and sees more behind them", {5, 6, 9}, 6, true},
    {"a hole ends the run", {5, 6, 8, 9}, 6, true},
    {"what fills the hole later does not count", {5, 6, 8, 7, 8, 9}, 6, true},
};

TEST(TailScan, finds_the_end_of_the_contiguous_run) {
    for (const auto& walk : walks) {
        TailScan scan;
        for (const auto position : walk.positions) {
            PublishedEvent record;
            record.era = Era(1);
            record.event.position = Position(position);
            record.event.id = id(position);
            scan.add(record);
        }
        EXPECT_EQ(scan.last().value_or(Cursor{}), cursor(walk.last)) << walk.what;
        EXPECT_EQ(scan.hole(), walk.hole) << walk.what;
    }
}

struct Start {
    const char* what;
    std::int64_t low, high, last, noted;
    bool hole, republish;
    std::int64_t era;
    std::int64_t at;    // -1: refused
    const char* words;  // in the alarm or the refusal
};

// The store is in era 2.
const Start starts[] = {
    {"a new topic of a new store", 0, 0, 0, 0, false, false, 0, 0, ""},
    {"the topic's own end", 0, 9, 9, 9, false, false, 2, 9, ""},
    {"noted progress lags behind", 0, 9, 9, 4, false, false, 2, 9, ""},
    {"records of a lower era are ours too", 0, 9, 9, 9, false, false, 1, 9, ""},
    {"only the start was truncated", 5, 9, 9, 9, false, false, 2, 9, ""},
    {"a hole", 0, 9, 6, 9, true, false, 2, 6, "hole behind position 6"},
    {"acknowledged records are lost", 0, 7, 7, 9, false, false, 2, 7, "ends at 7"},
    {"truncated to nothing", 9, 9, 0, 9, false, false, 0, 9, "truncated"},
    {"truncated before anything was noted", 9, 9, 0, 0, false, false, 0, 0, ""},
    {"made anew", 0, 0, 0, 9, false, false, 0, -1, "position 9"},
    {"made anew, and commanded to publish again", 0, 0, 0, 9, false, true, 0, 0, "made anew"},
    {"a command to publish again changes nothing else", 0, 9, 9, 9, false, true, 2, 9, ""},
    {"somebody else's topic", 0, 9, 0, 0, false, false, 0, -1, "none of them is ours"},
    {"a higher era", 0, 9, 9, 9, false, false, 3, -1, "older copy"},
};

TEST(RelayStart, goes_on_where_the_topic_ends_or_says_why_not) {
    for (const auto& row : starts) {
        Tail tail{row.low, row.high, std::nullopt, row.hole, Era(row.era)};
        if (row.last > 0) tail.last = cursor(row.last);
        const auto start = relay_start(tail, cursor(row.noted), Era(2), row.republish);
        ASSERT_EQ(start.has_value(), row.at >= 0) << row.what;
        const auto said = start ? start->alarm : start.error();
        EXPECT_NE(said.find(row.words), std::string::npos) << row.what << ": " << said;
        EXPECT_EQ(said.empty(), *row.words == '\0') << row.what << ": " << said;
        EXPECT_EQ(start.value_or(RelayStart{}).at, cursor(std::max<std::int64_t>(row.at, 0)))
            << row.what;
    }
}

}  // namespace
}  // namespace skald::eventstore
