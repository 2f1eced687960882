// Parameters, pages and their signed cursors.
#include "api/http/list_query.h"

#include <gtest/gtest.h>

#include "api/http/encoding.h"
#include "api/http/test_requests.h"
#include "api/json/write.h"

namespace skald::http {
namespace {

const CursorCodec codec("0123456789abcdef0123456789abcdef");
const ListOrder order{{"created_at", "title"}, "-created_at"};

// A list with filters of every kind.
Result<ListQuery, Problem> list(const std::string& target) {
    const auto request = request_of("GET", target);
    Parameters parameters(request);
    parameters.text("department", json::text(1, 10));
    parameters.one_of("status", {"pending", "confirmed"}, "");
    parameters.time_us("from");
    parameters.integer("days", 1, 366);
    return read_list(parameters, order, codec);
}

struct ListCase {
    std::string query;
    std::string expected;
};
std::ostream& operator<<(std::ostream& out, const ListCase& row) { return out << row.query; }
class ListParameters : public testing::TestWithParam<ListCase> {};
TEST_P(ListParameters, are_all_checked_at_once) {
    EXPECT_EQ(summary(list("/v1/things" + GetParam().query)), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    rows, ListParameters,
    testing::Values(
        ListCase{"", ""}, ListCase{"?", ""}, ListCase{"?&&", ""}, ListCase{"?limit=1", ""},
        ListCase{"?limit=100", ""},
        ListCase{"?limit=0", "400 invalid_request /query/limit:too_small"},
        ListCase{"?limit=101", "400 invalid_request /query/limit:too_large"},
        ListCase{"?limit=-1", "400 invalid_request /query/limit:too_small"},
        ListCase{"?limit=", "400 invalid_request /query/limit:bad_format"},
        ListCase{"?limit=ten", "400 invalid_request /query/limit:bad_format"},
        ListCase{"?limit=1e1", "400 invalid_request /query/limit:bad_format"},
        ListCase{"?limit=+5", "400 invalid_request /query/limit:bad_format"},
        ListCase{"?limit=99999999999999999999", "400 invalid_request /query/limit:bad_format"},
        ListCase{"?limit=5&limit=6", "400 invalid_request /query/limit:repeated"},
        ListCase{"?sort=title", ""}, ListCase{"?sort=-title", ""},
        ListCase{"?sort=price", "400 invalid_request /query/sort:bad_choice"},
        ListCase{"?sort=--title", "400 invalid_request /query/sort:bad_choice"},
        ListCase{"?sort=title;drop", "400 invalid_request /query/sort:bad_choice"},
        ListCase{"?sort=", "400 invalid_request /query/sort:bad_choice"},
        ListCase{"?department=Dairy", ""},
        ListCase{"?department=", "400 invalid_request /query/department:too_short"},
        ListCase{"?department=12345678901", "400 invalid_request /query/department:too_long"},
        ListCase{"?department=a%0Ab", "400 invalid_request /query/department:control_character"},
        ListCase{"?status=shipped", "400 invalid_request /query/status:bad_choice"},
        ListCase{"?from=2024-05-01", ""}, ListCase{"?from=2024-05-01T12:00:00%2B02:00", ""},
        ListCase{"?from=2024-05-01T12:00:00+02:00", "400 invalid_request /query/from:bad_format"},
        ListCase{"?from=yesterday", "400 invalid_request /query/from:bad_format"},
        ListCase{"?days=367", "400 invalid_request /query/days:too_large"},
        ListCase{"?token=x", ""},
        ListCase{"?Limit=5", "400 invalid_request /query/Limit:unknown_parameter"},
        ListCase{"?q=milk", "400 invalid_request /query/q:unknown_parameter"},
        ListCase{"?a/b=1", "400 invalid_request /query/a~1b:unknown_parameter"},
        ListCase{"?q=1&q=2", "400 invalid_request /query/q:unknown_parameter"},
        ListCase{"?cursor=", "400 invalid_request /query/cursor:too_short"},
        ListCase{"?cursor=nonsense", "400 cursor_invalid"},
        ListCase{"?limit=0&sort=x&status=x&from=x&days=x&q=x&z=x",
                 "400 invalid_request /query/status:bad_choice /query/from:bad_format "
                 "/query/days:bad_format /query/limit:too_small /query/sort:bad_choice "
                 "/query/q:unknown_parameter /query/z:unknown_parameter"}));

TEST(ListParameters, have_defaults) {
    const auto query = list("/v1/things");
    EXPECT_EQ(query->limit, 20);
    EXPECT_EQ(query->sort_key, "created_at");
    EXPECT_TRUE(query->descending);
    EXPECT_FALSE(query->cursor.has_value());
    EXPECT_FALSE(list("/v1/things?sort=title")->descending);
}

std::string next_of(const std::string& target) {
    const auto query = list(target);
    return *paginate(*query, {true, true, {"1", "a"}, {"9", "z"}}, codec).next;
}

TEST(Cursor, stands_at_the_last_row_forward_and_at_the_first_backward) {
    const auto query = list("/v1/things");
    const auto pages = paginate(*query, {true, true, {"1", "a"}, {"9", "z"}}, codec);
    EXPECT_EQ(*list("/v1/things?cursor=" + *pages.next)->cursor,
              (Cursor{Direction::forward, {"9", "z"}}));
    EXPECT_EQ(*list("/v1/things?cursor=" + *pages.prev)->cursor,
              (Cursor{Direction::backward, {"1", "a"}}));
}

TEST(Cursor, is_absent_where_there_is_no_page) {
    const auto pages = paginate(*list("/v1/things"), {}, codec);
    EXPECT_EQ(json::to_text(pages), R"({"next":null,"prev":null,"limit":20})");
}

TEST(Cursor, carries_any_keys) {
    const std::string scope = "s";
    for (const auto& keys : {std::vector<std::string>{},
                             {""},
                             {"", ""},
                             {std::string(1, '\0')},
                             {std::string(4000, 'k'), "\xff"}}) {
        const Cursor cursor{Direction::forward, keys};
        EXPECT_EQ(*codec.decode(codec.encode(cursor, scope), scope), cursor);
    }
}

struct Foreign {
    const char* made_for;
    const char* used_for;
    bool fits;
};
class CursorScope : public testing::TestWithParam<Foreign> {};
TEST_P(CursorScope, is_the_list_with_its_order_and_filters) {
    const std::string used = GetParam().used_for;
    const auto query = list(used + (used.find('?') == std::string::npos ? "?" : "&") +
                            "cursor=" + next_of(GetParam().made_for));
    EXPECT_EQ(summary(query), GetParam().fits ? "" : "400 cursor_of_other_list");
}
INSTANTIATE_TEST_SUITE_P(
    rows, CursorScope,
    testing::Values(Foreign{"/v1/a", "/v1/a", true}, Foreign{"/v1/a", "/v1/b", false},
                    Foreign{"/v1/a", "/v1/a?limit=50", true},
                    Foreign{"/v1/a", "/v1/a?token=t", true},
                    Foreign{"/v1/a", "/v1/a?sort=-created_at", true},
                    Foreign{"/v1/a", "/v1/a?sort=created_at", false},
                    Foreign{"/v1/a?sort=title", "/v1/a?sort=-title", false},
                    Foreign{"/v1/a?department=x", "/v1/a?department=x", true},
                    Foreign{"/v1/a?department=x", "/v1/a?department=y", false},
                    Foreign{"/v1/a?department=x", "/v1/a", false},
                    Foreign{"/v1/a", "/v1/a?department=x", false},
                    Foreign{"/v1/a?department=x&days=2", "/v1/a?days=2&department=x", true},
                    Foreign{"/v1/a?department=%78", "/v1/a?department=x", true}));

TEST(Cursor, of_another_secret_is_invalid) {
    const CursorCodec other("another secret of some length...");
    EXPECT_EQ(summary(other.decode(codec.encode({Direction::forward, {"a"}}, "s"), "s")),
              "400 cursor_invalid");
}

TEST(Cursor, tampered_at_any_bit_is_invalid) {
    const auto bytes = *from_base64url(next_of("/v1/a"));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(summary(list("/v1/a?cursor=" + base64url(flipped))), "400 cursor_invalid") << bit;
    }
}

TEST(Cursor, tampered_at_any_character_is_invalid) {
    const auto good = next_of("/v1/a");
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(summary(list("/v1/a?cursor=" + changed)), "400 cursor_invalid") << i;
        EXPECT_FALSE(list("/v1/a?cursor=" + good.substr(0, i))) << i;
    }
    EXPECT_EQ(summary(list("/v1/a?cursor=" + good + good)), "400 cursor_invalid");
    EXPECT_EQ(summary(list("/v1/a?cursor=" + good + "AAAA")), "400 cursor_invalid");
}

TEST(Page, is_data_and_pagination) {
    Page<std::string> page;
    page.data = {"a"};
    page.pagination.next = "c";
    EXPECT_EQ(json::to_text(page),
              R"({"data":["a"],"pagination":{"next":"c","prev":null,"limit":20}})");
}

}  // namespace
}  // namespace skald::http
