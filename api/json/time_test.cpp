#include "api/json/time.h"

#include <gtest/gtest.h>

namespace skald::json {
namespace {

struct Row {
    const char* text;
    std::optional<std::int64_t> us;
};
class Times : public testing::TestWithParam<Row> {};
TEST_P(Times, are_rfc_3339_or_plain_dates) {
    EXPECT_EQ(parse_time_us(GetParam().text), GetParam().us) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    rows, Times,
    testing::Values(
        Row{"1970-01-01", 0}, Row{"1970-01-02", 86'400'000'000},
        Row{"1970-01-01T00:00:01Z", 1'000'000}, Row{"1970-01-01T00:00:00.5Z", 500'000},
        Row{"1970-01-01T00:00:00.123456789Z", 123'456}, Row{"1970-01-01T02:00:00+02:00", 0},
        Row{"1969-12-31T23:30:00-00:30", 0}, Row{"1970-01-01t00:00:00z", 0},
        Row{"1969-12-31T23:59:59.999999Z", -1}, Row{"2024-02-29T12:00:00Z", 1'709'208'000'000'000},
        Row{"2016-12-31T23:59:60Z", 1'483'228'799'000'000},
        Row{"9999-12-31T23:59:59Z", 253'402'300'799'000'000}, Row{"", std::nullopt},
        Row{"2023-02-29", std::nullopt}, Row{"2024-13-01", std::nullopt},
        Row{"2024-00-01", std::nullopt}, Row{"2024-01-00", std::nullopt},
        Row{"2024-1-1", std::nullopt}, Row{"0000-01-01", std::nullopt},
        Row{"2024-01-01T", std::nullopt}, Row{"2024-01-01T10:00", std::nullopt},
        Row{"2024-01-01T10:00:00", std::nullopt}, Row{"2024-01-01 10:00:00Z", std::nullopt},
        Row{"2024-01-01T24:00:00Z", std::nullopt}, Row{"2024-01-01T10:60:00Z", std::nullopt},
        Row{"2024-01-01T10:00:61Z", std::nullopt}, Row{"2024-01-01T10:00:00.Z", std::nullopt},
        Row{"2024-01-01T10:00:00.1234567890Z", std::nullopt},
        Row{"2024-01-01T10:00:00+2:00", std::nullopt},
        Row{"2024-01-01T10:00:00+24:00", std::nullopt}, Row{"2024-01-01T10:00:00ZZ", std::nullopt},
        Row{"20240101T100000Z", std::nullopt}, Row{"1704103200", std::nullopt},
        Row{"-024-01-01", std::nullopt}));

TEST(Times, are_written_as_they_are_read) {
    for (const auto* text : {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59.000001Z",
                             "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"}) {
        EXPECT_EQ(format_time_us(*parse_time_us(text)), text);
    }
    EXPECT_EQ(format_date_days(*parse_date_days("2024-02-29")), "2024-02-29");
}

}  // namespace
}  // namespace skald::json
