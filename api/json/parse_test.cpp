#include "api/json/parse.h"

#include <gtest/gtest.h>

#include <ostream>

namespace skald::json {
namespace {

struct Bad {
    const char* what;
    std::string text;
    std::string pointer;
    std::string code;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.what; }

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

class Refuses : public testing::TestWithParam<Bad> {};
TEST_P(Refuses, text_that_is_not_strict_json) {
    const auto parsed = parse(GetParam().text);
    ASSERT_FALSE(parsed.has_value());
    ASSERT_EQ(parsed.error().size(), 1U);
    EXPECT_EQ(parsed.error()[0].code, GetParam().code);
    EXPECT_EQ(parsed.error()[0].pointer, GetParam().pointer);
    EXPECT_FALSE(parsed.error()[0].message.empty());
}

const std::string nul(1, '\0');
INSTANTIATE_TEST_SUITE_P(
    rows, Refuses,
    testing::Values(
        Bad{"nothing", "", "", "malformed_json"}, Bad{"blanks", " \r\n\t", "", "malformed_json"},
        Bad{"a word", "hello", "", "malformed_json"},
        Bad{"cut off", R"({"a":)", "", "malformed_json"},
        Bad{"text cut off", R"({"a":"b)", "", "malformed_json"},
        Bad{"trailing comma", R"({"a":1,})", "", "malformed_json"},
        Bad{"comma in list", "[1,]", "", "malformed_json"},
        Bad{"two values", "{} {}", "", "malformed_json"},
        Bad{"comment", "{/*x*/}", "", "malformed_json"},
        Bad{"single quotes", "{'a':1}", "", "malformed_json"},
        Bad{"bare key", "{a:1}", "", "malformed_json"}, Bad{"NaN", "[NaN]", "", "malformed_json"},
        Bad{"Infinity", "[Infinity]", "", "malformed_json"},
        Bad{"plus sign", "[+1]", "", "malformed_json"}, Bad{"hex", "[0x10]", "", "malformed_json"},
        Bad{"leading zero", "[01]", "", "malformed_json"},
        Bad{"point without digits", "[1.]", "", "malformed_json"},
        Bad{"capital TRUE", "[TRUE]", "", "malformed_json"},
        Bad{"wrong bracket", "[1}", "", "malformed_json"},
        Bad{"byte order mark", "\xEF\xBB\xBF{}", "", "malformed_json"},
        Bad{"NUL behind", "{}" + nul, "", "malformed_json"},
        Bad{"raw NUL in text", "[\"a" + nul + "\"]", "", "malformed_json"},
        Bad{"raw newline in text", "[\"a\nb\"]", "", "malformed_json"},
        Bad{"unknown escape", R"(["\x41"])", "", "malformed_json"},
        Bad{"half a surrogate pair", R"(["\ud800"])", "", "malformed_json"},
        Bad{"low surrogate alone", R"(["\udc00"])", "", "malformed_json"},
        Bad{"stray continuation byte", "[\"\x80\"]", "", "malformed_json"},
        Bad{"overlong slash", "[\"\xC0\xAF\"]", "", "malformed_json"},
        Bad{"overlong in three", "[\"\xE0\x80\xAF\"]", "", "malformed_json"},
        Bad{"surrogate in UTF-8", "[\"\xED\xA0\x80\"]", "", "malformed_json"},
        Bad{"beyond U+10FFFF", "[\"\xF4\x90\x80\x80\"]", "", "malformed_json"},
        Bad{"character cut off", "[\"\xE2\x82\"]", "", "malformed_json"},
        Bad{"latin-1", "[\"caf\xE9\"]", "", "malformed_json"},
        Bad{"key twice", R"({"a":1,"a":1})", "/a", "duplicate_key"},
        Bad{"key twice, once escaped", R"({"a":1,"\u0061":2})", "/a", "duplicate_key"},
        Bad{"key twice deep down", R"({"x":[0,{"a/b":1,"a/b":2}]})", "/x/1/a~1b", "duplicate_key"},
        Bad{"the empty key twice", R"({"":1,"":2})", "", "duplicate_key"},
        Bad{"33 levels", nested(33),
            std::string("/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0") + "/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0",
            "too_deep"},
        Bad{"100 000 open brackets", std::string(100'000, '['),
            std::string("/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0") + "/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0",
            "too_deep"},
        Bad{"above int64", R"({"n":9223372036854775808})", "/n", "number_out_of_range"},
        Bad{"above uint64", R"({"n":18446744073709551616})", "/n", "number_out_of_range"},
        Bad{"below int64", R"([1,-9223372036854775809])", "/1", "number_out_of_range"},
        Bad{"a hundred digits", std::string(100, '9'), "", "number_out_of_range"},
        Bad{"beyond double", R"({"a":{"n":1e999}})", "/a/n", "number_out_of_range"},
        Bad{"key of 257 bytes", "{\"" + std::string(257, 'k') + "\":1}", "", "key_too_long"}));

TEST(Parse, keeps_integers_exact_to_the_ends_of_int64) {
    const auto parsed = parse("[9223372036854775807,-9223372036854775808,0,-0]");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ((*parsed)[0].get<std::int64_t>(), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ((*parsed)[1].get<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
    EXPECT_TRUE((*parsed)[0].is_number_integer());
}

TEST(Parse, takes_32_levels_and_values_that_are_no_objects) {
    EXPECT_TRUE(parse(nested(32)).has_value());
    for (const auto* text : {"1", "null", "true", "\"\"", "[]", " {} ", "\"\\u0000\"", "1.5e3"}) {
        EXPECT_TRUE(parse(text).has_value()) << text;
    }
}

TEST(Parse, builds_the_same_value_as_the_library_itself) {
    const std::string text = R"({"b":[1,{"c":[[],{},"x"]},null],"a":{"d":true,"e":{"f":[1.5,-3]}},)"
                             R"("":"\u00e9\ud83d\ude00"})";
    ASSERT_TRUE(parse(text).has_value());
    EXPECT_EQ(*parse(text), Value::parse(text));
}

struct Pair {
    const char* one;
    const char* other;
    bool same;
};
class Canonical : public testing::TestWithParam<Pair> {};
TEST_P(Canonical, is_equal_for_equal_values_only) {
    const auto& row = GetParam();
    EXPECT_EQ(canonical(*parse(row.one)) == canonical(*parse(row.other)), row.same);
}
INSTANTIATE_TEST_SUITE_P(rows, Canonical,
                         testing::Values(Pair{R"({"a":1,"b":2})", R"({ "b" : 2, "a" : 1 })", true},
                                         Pair{R"({"a":"\u0041"})", R"({"a":"A"})", true},
                                         Pair{R"({"a":[1,2]})", R"({"a":[2,1]})", false},
                                         Pair{R"({"a":1})", R"({"a":"1"})", false},
                                         Pair{R"({"a":null})", R"({})", false},
                                         Pair{R"({"a":{"b":1}})", R"({"a":{"b":1,"c":2}})",
                                              false}));

TEST(Canonical, has_sorted_keys_and_no_blanks) {
    EXPECT_EQ(canonical(*parse(R"({ "b": [1, "x"], "a": {"d": null, "c": true} })")),
              R"({"a":{"c":true,"d":null},"b":[1,"x"]})");
}

TEST(Pointer, escapes_tilde_and_slash) { EXPECT_EQ(pointer_token("a/b~c"), "a~1b~0c"); }

TEST(Characters, are_code_points_not_bytes) {
    EXPECT_EQ(characters("h\xC3\xA9llo \xF0\x9F\x98\x80"), 7U);
}

}  // namespace
}  // namespace skald::json
