#include "api/ops/window.h"

#include <gtest/gtest.h>

#include <limits>
#include <ostream>

namespace skald::ops {
namespace {

struct Row {
    const char* what;
    Wanted wanted;
    std::int64_t first;  // shown, lowest number; 0: nothing is
    std::int64_t last;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.what; }

class EveryPage : public testing::TestWithParam<Row> {};

TEST_P(EveryPage, HoldsTheNumbers) {
    const auto& [what, wanted, first, last] = GetParam();
    const auto window = window_of(wanted);
    if (first == 0) {
        EXPECT_EQ(window.count, 0);
        return;
    }
    EXPECT_EQ(window.after + 1, first);
    EXPECT_EQ(window.after + window.count, last);
}

constexpr auto endless = std::numeric_limits<std::int64_t>::max() / 2;

INSTANTIATE_TEST_SUITE_P(
    Window, EveryPage,
    testing::Values(
        Row{"upwards from the start", {.floor = 0, .head = 10, .limit = 3}, 1, 3},
        Row{"upwards from a floor", {.floor = 4, .head = 10, .limit = 3}, 5, 7},
        Row{"upwards from a cursor",
            {.floor = 0, .head = 10, .limit = 3, .has_cursor = true, .cursor = 3},
            4,
            6},
        Row{"upwards to the end",
            {.floor = 0, .head = 10, .limit = 3, .has_cursor = true, .cursor = 9},
            10,
            10},
        Row{"upwards beyond the end",
            {.floor = 0, .head = 10, .limit = 3, .has_cursor = true, .cursor = 10},
            0,
            0},
        Row{"upwards without an end", {.floor = 0, .head = endless, .limit = 3}, 1, 3},
        Row{"a floor above the head", {.floor = 20, .head = 10, .limit = 3}, 0, 0},
        Row{"nothing at all", {.floor = 0, .head = 0, .limit = 3}, 0, 0},
        Row{"downwards from the head",
            {.floor = 0, .head = 10, .limit = 3, .upwards = false},
            8,
            10},
        Row{"downwards from nothing", {.floor = 0, .head = 0, .limit = 3, .upwards = false}, 0, 0},
        Row{"downwards from a cursor",
            {.floor = 0, .head = 10, .limit = 3, .upwards = false, .has_cursor = true, .cursor = 8},
            5,
            7},
        Row{"downwards to the start",
            {.floor = 0, .head = 10, .limit = 3, .upwards = false, .has_cursor = true, .cursor = 2},
            1,
            1},
        Row{"downwards to a floor",
            {.floor = 5, .head = 10, .limit = 9, .upwards = false, .has_cursor = true, .cursor = 8},
            6,
            7},
        Row{"downwards from the first",
            {.floor = 0, .head = 10, .limit = 3, .upwards = false, .has_cursor = true, .cursor = 1},
            0,
            0}));

}  // namespace
}  // namespace skald::ops
