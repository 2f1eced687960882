#include "projections/reading/page_query.h"

#include <gtest/gtest.h>

namespace skald::projections {
namespace {

const std::vector<SortKey> by_price = {{"price_amount", KeyType::int8}, {"sku", KeyType::text}};

struct OrderCase {
    bool descending;
    PageDirection direction;
    std::string comparison;
    std::string order;
};

class PageOrder : public testing::TestWithParam<OrderCase> {};

TEST_P(PageOrder, goes_on_from_the_key_in_the_direction_of_list_and_page) {
    const auto& [descending, direction, comparison, order] = GetParam();
    const KeysetPage page{.limit = 20, .direction = direction, .after = KeyValues{"250", "B"}};
    const PageQuery query(by_price, descending, page);
    EXPECT_EQ(query.statement(
                  "SELECT sku FROM t WHERE NOT archived{where} ORDER BY {order} LIMIT {limit}"),
              "SELECT sku FROM t WHERE NOT archived AND (price_amount, sku) " + comparison +
                  " ($1, $2) ORDER BY " + order + " LIMIT 21");
}

INSTANTIATE_TEST_SUITE_P(
    all, PageOrder,
    testing::Values(OrderCase{false, PageDirection::forward, ">", "price_amount ASC, sku ASC"},
                    OrderCase{true, PageDirection::forward, "<", "price_amount DESC, sku DESC"},
                    OrderCase{false, PageDirection::backward, "<", "price_amount DESC, sku DESC"},
                    OrderCase{true, PageDirection::backward, ">", "price_amount ASC, sku ASC"}));

TEST(page_query, numbers_parameters_behind_those_of_the_place) {
    const KeysetPage page{
        .limit = 1, .direction = PageDirection::forward, .after = KeyValues{"19000", "EUR"}};
    PageQuery query({{"day", KeyType::day}, {"currency", KeyType::text}}, false, page);
    query.where("basis = ?", "placed").where_day("day >= ?", 18000);
    EXPECT_EQ(query.statement("{where}|{order}|{limit}"),
              " AND (day, currency) > (date '1970-01-01' + $1::integer, $2) AND basis = $3"
              " AND day >= date '1970-01-01' + $4::integer|day ASC, currency ASC|2");
    EXPECT_EQ(query.params().size(), 4u);
}

// An empty page is behind the list's last row: the page before it is the list's last one, that row
// included.
TEST(page_query, goes_back_from_an_empty_page_to_the_end_of_the_list) {
    const KeysetPage page{.limit = 2, .direction = PageDirection::backward, .after = KeyValues{}};
    EXPECT_EQ(PageQuery(by_price, false, page).statement("{where}|{order}"),
              "|price_amount DESC, sku DESC");
}

struct BadKeys {
    const char* why;
    KeyValues keys;
};

class PageKeys : public testing::TestWithParam<BadKeys> {};

TEST_P(PageKeys, are_refused_when_they_are_not_of_the_sort) {
    const KeysetPage page{
        .limit = 20, .direction = PageDirection::forward, .after = GetParam().keys};
    EXPECT_THROW(PageQuery(by_price, false, page), std::invalid_argument) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(all, PageKeys,
                         testing::Values(BadKeys{"too few", {"1"}},
                                         BadKeys{"too many", {"1", "a", "b"}},
                                         BadKeys{"not a number", {"1x", "a"}},
                                         BadKeys{"no number", {"", "a"}},
                                         BadKeys{"beyond 64 bits", {"9223372036854775808", "a"}},
                                         BadKeys{"not text", {"1", std::string("a\0b", 3)}}));

struct PageCase {
    const char* why;
    PageDirection direction;
    std::optional<KeyValues> after;
    std::vector<int> fetched;
    std::vector<int> rows;
    bool has_next;
    bool has_prev;
    KeyValues first;
    KeyValues last;
};

class PageOf : public testing::TestWithParam<PageCase> {};

TEST_P(PageOf, tells_rows_and_neighbours) {
    const auto& expected = GetParam();
    const KeysetPage page{.limit = 2, .direction = expected.direction, .after = expected.after};
    const auto key_of = [](int row) { return KeyValues{std::to_string(row)}; };
    const auto result = page_of(expected.fetched, page, key_of);
    EXPECT_EQ(result.rows, expected.rows) << expected.why;
    EXPECT_EQ(result.has_next, expected.has_next) << expected.why;
    EXPECT_EQ(result.has_prev, expected.has_prev) << expected.why;
    EXPECT_EQ(result.first, expected.first) << expected.why;
    EXPECT_EQ(result.last, expected.last) << expected.why;
}

constexpr auto forward = PageDirection::forward;
constexpr auto backward = PageDirection::backward;
INSTANTIATE_TEST_SUITE_P(
    all, PageOf,
    testing::Values(
        PageCase{"an empty list", forward, {}, {}, {}, false, false, {}, {}},
        PageCase{"all of the list", forward, {}, {1, 2}, {1, 2}, false, false, {"1"}, {"2"}},
        PageCase{"the first page", forward, {}, {1, 2, 3}, {1, 2}, true, false, {"1"}, {"2"}},
        PageCase{"a middle page", forward, {{"2"}}, {3, 4, 5}, {3, 4}, true, true, {"3"}, {"4"}},
        PageCase{"the last page", forward, {{"4"}}, {5}, {5}, false, true, {"5"}, {"5"}},
        PageCase{"behind the last", forward, {{"5"}}, {}, {}, false, true, {}, {}},
        PageCase{"before the first", backward, {{"1"}}, {}, {}, true, false, {}, {}},
        PageCase{"back from behind the last",
                 backward,
                 {KeyValues{}},
                 {5, 4, 3},
                 {4, 5},
                 false,
                 true,
                 {"4"},
                 {"5"}},
        PageCase{"on from before the first",
                 forward,
                 {KeyValues{}},
                 {1, 2, 3},
                 {1, 2},
                 true,
                 false,
                 {"1"},
                 {"2"}},
        PageCase{
            "back to the middle", backward, {{"5"}}, {4, 3, 2}, {3, 4}, true, true, {"3"}, {"4"}},
        PageCase{"back to the first", backward, {{"3"}}, {2, 1}, {1, 2}, true, false, {"1"}, {"2"}},
        PageCase{"from the end", backward, {}, {9, 8, 7}, {8, 9}, false, true, {"8"}, {"9"}}));

}  // namespace
}  // namespace skald::projections
