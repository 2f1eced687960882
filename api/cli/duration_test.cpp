#include "api/cli/duration.h"

#include <gtest/gtest.h>

namespace skald::cli {
namespace {

TEST(Durations, AreANumberAndAUnit) {
    struct Case {
        std::string text;
        std::int64_t seconds;  // -1: none
    };
    for (const auto& [text, seconds] : std::vector<Case>{{"0s", 0},
                                                         {"90s", 90},
                                                         {"15m", 900},
                                                         {"2h", 7200},
                                                         {"3d", 259'200},
                                                         {"3660d", 316'224'000},
                                                         {"3661d", -1},
                                                         {"9223372036854775807d", -1},
                                                         {"", -1},
                                                         {"s", -1},
                                                         {"10", -1},
                                                         {"-1s", -1},
                                                         {"1.5h", -1},
                                                         {"1 h", -1},
                                                         {"1w", -1},
                                                         {"1hh", -1}}) {
        const auto parsed = parse_duration(text);
        EXPECT_EQ(parsed ? parsed->count() : -1, seconds) << text;
    }
}

TEST(Durations, AreShownInTheirLargestUnit) {
    using std::chrono::seconds;
    EXPECT_EQ(show_duration(seconds(0)), "0s");
    EXPECT_EQ(show_duration(seconds(59)), "59s");
    EXPECT_EQ(show_duration(seconds(119)), "1m");
    EXPECT_EQ(show_duration(seconds(7200)), "2h");
    EXPECT_EQ(show_duration(seconds(259'200)), "3d");
}

}  // namespace
}  // namespace skald::cli
