#include "api/json/rules.h"

#include <gtest/gtest.h>

#include <ostream>

namespace skald::json {
namespace {

struct Row {
    Rule rule;
    std::string text;
    std::string code;  // empty: allowed
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.text; }

class Texts : public testing::TestWithParam<Row> {};
TEST_P(Texts, are_checked_by_their_rule) {
    const auto broken = check_text(GetParam().rule, GetParam().text);
    EXPECT_EQ(broken ? broken->code : "", GetParam().code);
}

const std::string nul(1, '\0');
INSTANTIATE_TEST_SUITE_P(
    lengths_and_characters, Texts,
    testing::Values(
        Row{text(1, 3), "", "too_short"}, Row{text(1, 3), "abc", ""},
        Row{text(1, 3), "abcd", "too_long"}, Row{text(1, 3), "\xC3\xA9\xC3\xA9\xC3\xA9", ""},
        Row{text(0, 0), "a", "too_long"}, Row{Rule{}, "", ""},
        Row{Rule{}, std::string(1000, 'x'), ""}, Row{Rule{}, std::string(1001, 'x'), "too_long"},
        Row{Rule{},
            "a\xC2\x85"
            "b",
            "control_character"},
        Row{Rule{},
            "a\xC2\xA0"
            "b",
            ""},
        Row{Rule{}, "a" + nul + "b", "control_character"}, Row{Rule{}, "a\nb", "control_character"},
        Row{Rule{}, "a\x1b[31m", "control_character"}, Row{Rule{}, "a\x7f", "control_character"},
        Row{Rule{}, "\xF0\x9F\x98\x80 \xD0\x94\xD0\xB0", ""}, Row{Rule{}, "\xC3\x28", "bad_format"},
        Row{one_of({"day", "sku"}), "sku", ""}, Row{one_of({"day", "sku"}), "week", "bad_choice"},
        Row{one_of({"day", "sku"}), "", "bad_choice"}));
INSTANTIATE_TEST_SUITE_P(
    skus_and_ids, Texts,
    testing::Values(Row{sku(), "A", ""}, Row{sku(), "az-AZ_09", ""},
                    Row{sku(), std::string(64, 's'), ""},
                    Row{sku(), std::string(65, 's'), "too_long"}, Row{sku(), "", "too_short"},
                    Row{sku(), "a b", "bad_format"}, Row{sku(), "a.b", "bad_format"},
                    Row{sku(), "a/b", "bad_format"}, Row{sku(), "sk\xC3\xBC", "bad_format"},
                    Row{sku(), "a\n", "control_character"}, Row{id(), "7f3a.1", ""},
                    Row{id(), "7f3a:1", "bad_format"}, Row{text(1, 9, Form::code), "card-ok", ""},
                    Row{text(1, 9, Form::code), "Card", "bad_format"},
                    Row{text(3, 3, Form::currency), "EUR", ""},
                    Row{text(3, 3, Form::currency), "eur", "bad_format"},
                    Row{text(3, 3, Form::currency), "EU", "too_short"},
                    Row{text(3, 3, Form::currency), "E1R", "bad_format"}));
INSTANTIATE_TEST_SUITE_P(
    emails, Texts,
    testing::Values(Row{email(), "a@b.co", ""}, Row{email(), "first.last+tag@mail.example.org", ""},
                    Row{email(), "o'neil@x-y.example", ""}, Row{email(), "ab", "too_short"},
                    Row{email(), "plain", "bad_format"}, Row{email(), "@b.co", "bad_format"},
                    Row{email(), "ab@", "bad_format"}, Row{email(), "a@b", "bad_format"},
                    Row{email(), "a@@b.co", "bad_format"}, Row{email(), "a b@c.de", "bad_format"},
                    Row{email(), "a@b..co", "bad_format"}, Row{email(), ".a@b.co", "bad_format"},
                    Row{email(), "a.@b.co", "bad_format"}, Row{email(), "a..b@c.de", "bad_format"},
                    Row{email(), "a@-b.co", "bad_format"}, Row{email(), "a@b-.co", "bad_format"},
                    Row{email(), "a@b.co.", "bad_format"}, Row{email(), "a@b_c.de", "bad_format"},
                    Row{email(), "\xC3\xA9@b.co", "bad_format"},
                    Row{email(), std::string(65, 'a') + "@b.co", "bad_format"},
                    Row{email(), "a@" + std::string(64, 'b') + ".co", "bad_format"},
                    Row{email(), std::string(250, 'a') + "@b.co", "too_long"},
                    Row{email(), "a@b.co\r\nBcc: c@d.ef", "control_character"}));
INSTANTIATE_TEST_SUITE_P(
    uuids, Texts,
    testing::Values(
        Row{text(1, 64, Form::uuid), "0188c5c0-0000-7000-8000-00000000000a", ""},
        Row{text(1, 64, Form::uuid), "0188C5C0-0000-7000-8000-00000000000A", ""},
        Row{text(1, 64, Form::uuid), "0188c5c000007000800000000000000a", "bad_format"},
        Row{text(1, 64, Form::uuid), "0188c5c0-0000-7000-8000-00000000000g", "bad_format"},
        Row{text(1, 64, Form::uuid), "0188c5c00-000-7000-8000-00000000000a", "bad_format"}));

TEST(Integers, are_held_within_their_bounds) {
    const auto rule = integer(1, 100);
    EXPECT_EQ(check_integer(rule, 0)->code, "too_small");
    EXPECT_EQ(check_integer(rule, 101)->code, "too_large");
    EXPECT_FALSE(check_integer(rule, 1));
    EXPECT_FALSE(check_integer(rule, 100));
    EXPECT_FALSE(check_integer(Rule{}, std::numeric_limits<std::int64_t>::min()));
}

TEST(Lists, are_held_within_their_bounds) {
    EXPECT_EQ(check_length(list(1, 2), 0)->code, "too_few");
    EXPECT_EQ(check_length(list(1, 2), 3)->code, "too_many");
    EXPECT_FALSE(check_length(list(1, 2), 2));
}

}  // namespace
}  // namespace skald::json
