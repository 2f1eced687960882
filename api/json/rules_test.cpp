#include "api/json/rules.h"

#include <gtest/gtest.h>

#include <ostream>

namespace skald::json {
namespace {

struct TextCase {
    Rule rule;
    std::string text;
    std::string code;  // empty: allowed
};
std::ostream& operator<<(std::ostream& out, const TextCase& row) { return out << row.text; }

class Texts : public testing::TestWithParam<TextCase> {};
TEST_P(Texts, are_checked_by_their_rule) {
    const auto broken = check_text(GetParam().rule, GetParam().text);
    EXPECT_EQ(broken ? broken->code : "", GetParam().code);
}

const std::string nul_character(1, '\0');
INSTANTIATE_TEST_SUITE_P(
    lengths_and_characters, Texts,
    testing::Values(TextCase{text(1, 3), "", "too_short"}, TextCase{text(1, 3), "abc", ""},
                    TextCase{text(1, 3), "abcd", "too_long"},
                    TextCase{text(1, 3), "\xC3\xA9\xC3\xA9\xC3\xA9", ""},
                    TextCase{text(0, 0), "a", "too_long"}, TextCase{Rule{}, "", ""},
                    TextCase{Rule{}, std::string(1000, 'x'), ""},
                    TextCase{Rule{}, std::string(1001, 'x'), "too_long"},
                    TextCase{Rule{},
                             "a\xC2\x85"
                             "b",
                             "control_character"},
                    TextCase{Rule{},
                             "a\xC2\xA0"
                             "b",
                             ""},
                    TextCase{Rule{}, "a" + nul_character + "b", "control_character"},
                    TextCase{Rule{}, "a\nb", "control_character"},
                    TextCase{Rule{}, "a\x1b[31m", "control_character"},
                    TextCase{Rule{}, "a\x7f", "control_character"},
                    TextCase{Rule{}, "\xF0\x9F\x98\x80 \xD0\x94\xD0\xB0", ""},
                    TextCase{Rule{}, "\xC3\x28", "bad_format"},
                    TextCase{one_of({"day", "sku"}), "sku", ""},
                    TextCase{one_of({"day", "sku"}), "week", "bad_choice"},
                    TextCase{one_of({"day", "sku"}), "", "bad_choice"}));
INSTANTIATE_TEST_SUITE_P(
    skus_and_ids, Texts,
    testing::Values(TextCase{sku(), "A", ""}, TextCase{sku(), "az-AZ_09", ""},
                    TextCase{sku(), std::string(64, 's'), ""},
                    TextCase{sku(), std::string(65, 's'), "too_long"},
                    TextCase{sku(), "", "too_short"}, TextCase{sku(), "a b", "bad_format"},
                    TextCase{sku(), "a.b", "bad_format"}, TextCase{sku(), "a/b", "bad_format"},
                    TextCase{sku(), "sk\xC3\xBC", "bad_format"},
                    TextCase{sku(), "a\n", "control_character"}, TextCase{id(), "7f3a.1", ""},
                    TextCase{id(), "7f3a:1", "bad_format"},
                    TextCase{text(1, 9, Form::code), "card-ok", ""},
                    TextCase{text(1, 9, Form::code), "Card", "bad_format"},
                    TextCase{text(3, 3, Form::currency), "EUR", ""},
                    TextCase{text(3, 3, Form::currency), "eur", "bad_format"},
                    TextCase{text(3, 3, Form::currency), "EU", "too_short"},
                    TextCase{text(3, 3, Form::currency), "E1R", "bad_format"}));
INSTANTIATE_TEST_SUITE_P(
    emails, Texts,
    testing::Values(
        TextCase{email(), "a@b.co", ""}, TextCase{email(), "first.last+tag@mail.example.org", ""},
        TextCase{email(), "o'neil@x-y.example", ""}, TextCase{email(), "ab", "too_short"},
        TextCase{email(), "plain", "bad_format"}, TextCase{email(), "@b.co", "bad_format"},
        TextCase{email(), "ab@", "bad_format"}, TextCase{email(), "a@b", "bad_format"},
        TextCase{email(), "a@@b.co", "bad_format"}, TextCase{email(), "a b@c.de", "bad_format"},
        TextCase{email(), "a@b..co", "bad_format"}, TextCase{email(), ".a@b.co", "bad_format"},
        TextCase{email(), "a.@b.co", "bad_format"}, TextCase{email(), "a..b@c.de", "bad_format"},
        TextCase{email(), "a@-b.co", "bad_format"}, TextCase{email(), "a@b-.co", "bad_format"},
        TextCase{email(), "a@b.co.", "bad_format"}, TextCase{email(), "a@b_c.de", "bad_format"},
        TextCase{email(), "\xC3\xA9@b.co", "bad_format"},
        TextCase{email(), std::string(65, 'a') + "@b.co", "bad_format"},
        TextCase{email(), "a@" + std::string(64, 'b') + ".co", "bad_format"},
        TextCase{email(), std::string(250, 'a') + "@b.co", "too_long"},
        TextCase{email(), "a@b.co\r\nBcc: c@d.ef", "control_character"}));
INSTANTIATE_TEST_SUITE_P(
    uuids, Texts,
    testing::Values(
        TextCase{text(1, 64, Form::uuid), "0188c5c0-0000-7000-8000-00000000000a", ""},
        TextCase{text(1, 64, Form::uuid), "0188C5C0-0000-7000-8000-00000000000A", ""},
        TextCase{text(1, 64, Form::uuid), "0188c5c000007000800000000000000a", "bad_format"},
        TextCase{text(1, 64, Form::uuid), "0188c5c0-0000-7000-8000-00000000000g", "bad_format"},
        TextCase{text(1, 64, Form::uuid), "0188c5c00-000-7000-8000-00000000000a", "bad_format"}));

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
