#include "api/json/read.h"

#include <gtest/gtest.h>

#include <ostream>

#include "api/json/money.h"
#include "api/json/write.h"

namespace shop {

using namespace skald;

BOOST_DEFINE_ENUM_CLASS(Basis, placed, sold)
using Quantity = kernel::Ordinal<std::int64_t, struct QuantityTag>;

struct Line {
    std::string sku;
    Quantity quantity;
    friend bool operator==(const Line&, const Line&) = default;
};
BOOST_DESCRIBE_STRUCT(Line, (), (sku, quantity))
inline json::Rules rules_for(json::Tag<Line>) {
    return {{"sku", json::sku()}, {"quantity", json::integer(1, 100)}};
}

struct Order {
    std::string title;
    std::optional<std::string> brand;
    json::Patch<std::string> note;
    json::Money price;
    std::vector<Line> lines;
    Basis basis = Basis::placed;
    bool gift = false;
    std::int32_t small = 0;
    friend bool operator==(const Order&, const Order&) = default;
};
BOOST_DESCRIBE_STRUCT(Order, (), (title, brand, note, price, lines, basis, gift, small))
inline json::Rules rules_for(json::Tag<Order>) {
    return {{"title", json::text(1, 10)},
            {"brand", json::text(1, 5)},
            {"price", json::money(1, 1000)},
            {"lines", json::list(1, 3).unique("sku")}};
}
inline void check(const Order& order, json::Findings& findings) {
    if (order.title == order.brand) findings.add("/brand", "same", "is the title");
}

struct Codes {
    std::vector<std::string> codes;
    friend bool operator==(const Codes&, const Codes&) = default;
};
BOOST_DESCRIBE_STRUCT(Codes, (), (codes))
inline json::Rules rules_for(json::Tag<Codes>) {
    return {{"codes", json::text(0, 2, json::Form::code)}};
}

struct Extended : Line {
    std::map<std::string, std::int64_t> counts;
    json::Value anything;
};
BOOST_DESCRIBE_STRUCT(Extended, (Line), (counts, anything))

}  // namespace shop

namespace skald::json {
namespace {

const std::string good_text =
    R"({"title":"Milk","price":{"amount":199,"currency":"EUR"},)"
    R"("lines":[{"sku":"A","quantity":1}],"basis":"sold","gift":true,"small":-5})";

// The good text with members replaced, added, or (null) taken away.
std::string changed(const std::string& changes) {
    auto value = Value::parse(good_text);
    value.merge_patch(Value::parse(changes));
    return value.dump();
}

std::string summary(const Issues& issues) {
    std::string text;
    for (const auto& issue : issues) {
        text += (text.empty() ? "" : " ") + issue.pointer + ":" + issue.code;
    }
    return text;
}

struct BodyCase {
    const char* what;
    std::string text;
    std::string expected;
};
std::ostream& operator<<(std::ostream& out, const BodyCase& row) { return out << row.what; }

class Reading : public testing::TestWithParam<BodyCase> {};
TEST_P(Reading, names_every_problem_by_pointer_and_code) {
    const auto order = parse_as<shop::Order>(GetParam().text);
    EXPECT_EQ(order ? "" : summary(order.error()), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    rows, Reading,
    testing::Values(
        BodyCase{"good", good_text, ""}, BodyCase{"not an object", "[]", ":wrong_type"},
        BodyCase{"null", "null", ":wrong_type"},
        BodyCase{"everything missing", "{}",
                 "/title:missing /price:missing /lines:missing /basis:missing /gift:missing "
                 "/small:missing"},
        BodyCase{"unknown fields", changed(R"({"colour":1,"a/b":{"deep":[]}})"),
                 "/a~1b:unknown_field /colour:unknown_field"},
        BodyCase{"a field of another case", changed(R"({"Title":"x"})"), "/Title:unknown_field"},
        BodyCase{"number for text", changed(R"({"title":5})"), "/title:wrong_type"},
        BodyCase{"list for text", changed(R"({"title":["x"]})"), "/title:wrong_type"},
        BodyCase{"empty text", changed(R"({"title":""})"), "/title:too_short"},
        BodyCase{"long text", changed(R"({"title":"12345678901"})"), "/title:too_long"},
        BodyCase{"NUL in text", changed(R"({"title":"a\u0000b"})"), "/title:control_character"},
        BodyCase{"optional present", changed(R"({"brand":"B"})"), ""},
        BodyCase{"optional too long", changed(R"({"brand":"123456"})"), "/brand:too_long"},
        BodyCase{"null for optional", R"({"brand":null,)" + good_text.substr(1),
                 "/brand:wrong_type"},
        BodyCase{"null for patch", R"({"note":null,)" + good_text.substr(1), ""},
        BodyCase{"number for patch", changed(R"({"note":1})"), "/note:wrong_type"},
        BodyCase{"text for money", changed(R"({"price":"1.99"})"), "/price:wrong_type"},
        BodyCase{"fraction of cents", changed(R"({"price":{"amount":1.99}})"),
                 "/price/amount:wrong_type"},
        BodyCase{"whole number as float", changed(R"({"price":{"amount":2.0}})"),
                 "/price/amount:wrong_type"},
        BodyCase{"amount as text", changed(R"({"price":{"amount":"2"}})"),
                 "/price/amount:wrong_type"},
        BodyCase{"amount below the rule on the money", changed(R"({"price":{"amount":0}})"),
                 "/price/amount:too_small"},
        BodyCase{"amount above it", changed(R"({"price":{"amount":1001}})"),
                 "/price/amount:too_large"},
        BodyCase{"currency in small letters", changed(R"({"price":{"currency":"eur"}})"),
                 "/price/currency:bad_format"},
        BodyCase{"money with more", changed(R"({"price":{"exponent":2}})"),
                 "/price/exponent:unknown_field"},
        BodyCase{"no lines", changed(R"({"lines":[]})"), "/lines:too_few"},
        BodyCase{"too many lines: the items are not looked at", changed(R"({"lines":[1,2,3,4]})"),
                 "/lines:too_many"},
        BodyCase{"object for list", changed(R"({"lines":{}})"), "/lines:wrong_type"},
        BodyCase{"sku twice",
                 changed(R"({"lines":[{"sku":"A","quantity":1},{"sku":"B","quantity":1},)"
                         R"({"sku":"A","quantity":2}]})"),
                 "/lines/2/sku:duplicate"},
        BodyCase{"bad lines, all of them",
                 changed(R"({"lines":[{"sku":"A","quantity":0},{"sku":"B B","quantity":101},{}]})"),
                 "/lines/0/quantity:too_small /lines/1/sku:bad_format /lines/1/quantity:too_large "
                 "/lines/2/sku:missing /lines/2/quantity:missing"},
        BodyCase{"a strong type takes what it holds",
                 changed(R"({"lines":[{"sku":"A","quantity":"1"}]})"),
                 "/lines/0/quantity:wrong_type"},
        BodyCase{"enumeration", changed(R"({"basis":"placed"})"), ""},
        BodyCase{"unknown name", changed(R"({"basis":"returned"})"), "/basis:bad_choice"},
        BodyCase{"number of an enumeration", changed(R"({"basis":0})"), "/basis:wrong_type"},
        BodyCase{"text for bool", changed(R"({"gift":"true"})"), "/gift:wrong_type"},
        BodyCase{"number for bool", changed(R"({"gift":1})"), "/gift:wrong_type"},
        BodyCase{"beyond int32", changed(R"({"small":2147483648})"), "/small:too_large"},
        BodyCase{"bool for integer", changed(R"({"small":true})"), "/small:wrong_type"},
        BodyCase{"a check over several fields", changed(R"({"title":"Milk","brand":"Milk"})"),
                 "/brand:same"},
        BodyCase{
            "problems of all kinds at once",
            R"({"title":"","price":{"amount":0,"currency":"E"},"lines":"x","zzz":1,"gift":0})",
            "/title:too_short /price/amount:too_small /price/currency:too_short /lines:wrong_type "
            "/basis:missing /gift:wrong_type /small:missing /zzz:unknown_field"}));

TEST(Read, fills_every_field) {
    const auto order = parse_as<shop::Order>(changed(R"({"brand":"B","note":"n"})"));
    ASSERT_TRUE(order.has_value());
    EXPECT_EQ(*order, (shop::Order{"Milk",
                                   "B",
                                   json::Patch<std::string>("n"),
                                   json::Money{199, "EUR"},
                                   {{"A", shop::Quantity(1)}},
                                   shop::Basis::sold,
                                   true,
                                   -5}));
}

TEST(Read, tells_absent_null_and_value_of_a_patch_apart) {
    EXPECT_TRUE(parse_as<shop::Order>(good_text)->note.is_absent());
    EXPECT_TRUE(parse_as<shop::Order>(R"({"note":null,)" + good_text.substr(1))->note.is_null());
    EXPECT_EQ(parse_as<shop::Order>(changed(R"({"note":"x"})"))->note.value(), "x");
}

TEST(Read, lists_no_more_problems_than_its_bound) {
    Value many = Value::object();
    for (int i = 0; i < 5000; ++i) many["f" + std::to_string(i)] = 1;
    EXPECT_EQ(read<shop::Order>(many).error().size(), issues_max);
}

TEST(Read, applies_a_lists_form_to_its_items) {
    EXPECT_TRUE(parse_as<shop::Codes>(std::string_view(R"({"codes":["abc","d"]})")).has_value());
    EXPECT_EQ(summary(parse_as<shop::Codes>(std::string_view(R"({"codes":["A",""]})")).error()),
              "/codes/0:bad_format");
}

TEST(Write, gives_back_what_was_read) {
    const auto order = parse_as<shop::Order>(changed(R"({"brand":"B","note":"n"})"));
    EXPECT_EQ(*parse_as<shop::Order>(to_text(*order)), *order);
}

TEST(Write, keeps_the_order_of_fields_and_writes_empty_optionals_as_null) {
    shop::Order order = *parse_as<shop::Order>(good_text);
    EXPECT_EQ(to_text(order),
              R"({"title":"Milk","brand":null,"price":{"amount":199,"currency":"EUR"},)"
              R"("lines":[{"sku":"A","quantity":1}],"basis":"sold","gift":true,"small":-5})");
    order.note = json::Patch<std::string>::null();
    EXPECT_NE(to_text(order).find(R"("note":null)"), std::string::npos);
}

TEST(Write, takes_bases_maps_and_any_value) {
    shop::Extended extended;
    extended.sku = "A";
    extended.counts = {{"x", 1}, {"y\"", 2}};
    extended.anything = Value::array({1, "z"});
    EXPECT_EQ(to_text(extended),
              R"({"sku":"A","quantity":0,"counts":{"x":1,"y\"":2},"anything":[1,"z"]})");
}

TEST(Write, escapes_texts_and_replaces_what_is_not_utf8) {
    const auto written = [](const std::string& text) { return to_text(text); };
    EXPECT_EQ(written("a\"b\\c\n"), R"("a\"b\\c\n")");
    EXPECT_EQ(written(std::string("\0", 1)), R"("\u0000")");
    EXPECT_EQ(written("h\xC3\xA9"), "\"h\xC3\xA9\"");
    EXPECT_EQ(written("\xC3("), "\"\xEF\xBF\xBD(\"");
}

TEST(Write, keeps_integers_exact) {
    EXPECT_EQ(to_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

}  // namespace
}  // namespace skald::json
