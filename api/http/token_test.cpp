#include "api/http/token.h"

#include <gtest/gtest.h>

#include <limits>

#include "api/http/encoding.h"
#include "api/http/read_options.h"
#include "api/http/test_requests.h"

namespace skald::http {
namespace {

using eventstore::Era;
using eventstore::Partition;
using eventstore::Position;

eventstore::StoreInfo store_of(const char* id, std::int64_t era, std::int32_t partitions) {
    return {*eventstore::parse_uuid(id), Era(era), partitions};
}

const auto store = store_of("3d5a9a5e-7a80-4b65-9c0e-8a2d61f3c001", 2, 4);

Token token_with(const std::vector<std::int64_t>& heads) {
    auto token = Token::nothing_of(store);
    for (std::size_t i = 0; i < heads.size(); ++i) token.heads[i] = Position(heads[i]);
    return token;
}

TEST(Token, gives_back_what_was_encoded) {
    for (const auto& heads : {std::vector<std::int64_t>{0, 0, 0, 0},
                              {1, 127, 128, 1'000'000},
                              {0, 0, 0, std::numeric_limits<std::int64_t>::max()}}) {
        const auto token = token_with(heads);
        const auto decoded = decode_token(token.encode(), store);
        ASSERT_TRUE(decoded.has_value());
        EXPECT_EQ(*decoded, token);
    }
}

TEST(Token, is_short_and_safe_in_a_url) {
    const auto text = token_with({1, 2, 3, 4}).encode();
    EXPECT_LE(text.size(), 24U);
    EXPECT_EQ(percent_encode(text), text);
}

struct TokenCase {
    const char* what;
    std::string text;
    std::string expected;
};
std::ostream& operator<<(std::ostream& out, const TokenCase& row) { return out << row.what; }
class Refused : public testing::TestWithParam<TokenCase> {};
TEST_P(Refused, token_is_400_with_a_code) {
    EXPECT_EQ(summary(decode_token(GetParam().text, store)), GetParam().expected);
}
const auto good = token_with({1, 2, 3, 4}).encode();
const auto of_other_store =
    Token::nothing_of(store_of("3d5a9a5e-7a80-4b66-9c0e-8a2d61f3c001", 2, 4)).encode();
const auto of_era_1 =
    Token::nothing_of(store_of("3d5a9a5e-7a80-4b65-9c0e-8a2d61f3c001", 1, 4)).encode();
const auto of_era_3 =
    Token::nothing_of(store_of("3d5a9a5e-7a80-4b65-9c0e-8a2d61f3c001", 3, 4)).encode();
const auto of_8_partitions =
    Token::nothing_of(store_of("3d5a9a5e-7a80-4b65-9c0e-8a2d61f3c001", 2, 8)).encode();
INSTANTIATE_TEST_SUITE_P(
    rows, Refused,
    testing::Values(TokenCase{"good", good, ""}, TokenCase{"empty", "", "400 token_malformed"},
                    TokenCase{"not base64url", "!!!!", "400 token_malformed"},
                    TokenCase{"padded", good + "=", "400 token_malformed"},
                    TokenCase{"more behind", good + "AAAA", "400 token_malformed"},
                    TokenCase{"other format", base64url("\x02" + std::string(20, '\x01')),
                              "400 token_malformed"},
                    TokenCase{"huge", std::string(100'000, 'A'), "400 token_malformed"},
                    TokenCase{"claims 2^60 heads",
                              base64url("\x01" + std::string(8, 's') + "\x02" +
                                        std::string(8, '\x80') + "\x10"),
                              "400 token_malformed"},
                    TokenCase{"other partitions", of_8_partitions, "400 token_malformed"},
                    TokenCase{"other store", of_other_store, "400 token_of_other_store"},
                    TokenCase{"older era", of_era_1, "400 token_of_other_era"},
                    TokenCase{"newer era", of_era_3, "400 token_of_other_era"}));

TEST(Token, cut_off_anywhere_is_malformed) {
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(decode_token(good.substr(0, size), store)) << size;
    }
}

TEST(Token, with_any_bit_flipped_is_refused_or_another_token) {
    const auto bytes = *from_base64url(good);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        const auto decoded = decode_token(base64url(flipped), store);
        EXPECT_FALSE(decoded && *decoded == token_with({1, 2, 3, 4})) << bit;
    }
}

TEST(Token, merges_to_the_later_of_both_in_each_partition) {
    auto token = token_with({1, 9, 3, 0});
    token.merge(token_with({2, 8, 3, 0}));
    EXPECT_EQ(token, token_with({2, 9, 3, 0}));
    token.merge({{Partition(3), Position(7)}, {Partition(0), Position(1)}});
    EXPECT_EQ(token, token_with({2, 9, 3, 7}));
}

TEST(Token, comes_from_header_and_query_merged) {
    const auto one = token_with({5, 0, 0, 0}).encode();
    const auto other = token_with({0, 6, 0, 0}).encode();
    EXPECT_FALSE(token_of(request_of("GET", "/x"), store)->has_value());
    EXPECT_EQ(**token_of(request_of("GET", "/x", {{"skald-token", one}}), store),
              token_with({5, 0, 0, 0}));
    EXPECT_EQ(**token_of(request_of("GET", "/x?token=" + other), store), token_with({0, 6, 0, 0}));
    EXPECT_EQ(**token_of(request_of("GET", "/x?token=" + other, {{"Skald-Token", one}}), store),
              token_with({5, 6, 0, 0}));
    EXPECT_EQ(summary(token_of(request_of("GET", "/x?token=zz", {{"Skald-Token", one}}), store)),
              "400 token_malformed");
}

struct Wait {
    const char* text;
    std::int64_t ms;  // -1: refused
};
class SkaldWait : public testing::TestWithParam<Wait> {};
TEST_P(SkaldWait, is_a_bounded_number_of_milliseconds) {
    const auto options =
        read_options(request_of("GET", "/x", {{"Skald-Wait", GetParam().text}}), store);
    EXPECT_EQ(options ? options->wait.count() : -1, GetParam().ms);
    if (!options) {
        EXPECT_EQ(summary(options), "400 invalid_request /header/Skald-Wait:bad_format");
    }
}
INSTANTIATE_TEST_SUITE_P(rows, SkaldWait,
                         testing::Values(Wait{"0", 0}, Wait{"1500", 1500}, Wait{"20000", 20'000},
                                         Wait{"20001", -1}, Wait{"-1", -1}, Wait{"1.5", -1},
                                         Wait{"", -1}, Wait{"2s", -1}, Wait{" 5", -1},
                                         Wait{"99999999999999999999", -1}));

TEST(SkaldWait, is_2000_by_default) {
    EXPECT_EQ(read_options(request_of("GET", "/x"), store)->wait.count(), 2000);
}

struct Prefer {
    Pairs headers;
    std::optional<std::int64_t> seconds;
    bool refused = false;
};
class PreferWait : public testing::TestWithParam<Prefer> {};
TEST_P(PreferWait, is_taken_out_of_all_preferences) {
    const auto wait = prefer_wait(request_of("POST", "/x", GetParam().headers));
    ASSERT_EQ(!wait.has_value(), GetParam().refused);
    if (!wait) return;
    ASSERT_EQ(wait->has_value(), GetParam().seconds.has_value());
    if (!*wait) return;
    EXPECT_EQ((*wait)->count(), *GetParam().seconds);
}
INSTANTIATE_TEST_SUITE_P(
    rows, PreferWait,
    testing::Values(Prefer{{}, {}}, Prefer{{{"Prefer", "wait=5"}}, 5},
                    Prefer{{{"prefer", "respond-async, wait=7"}}, 7},
                    Prefer{{{"Prefer", "respond-async"}, {"Prefer", "WAIT = 3"}}, 3},
                    Prefer{{{"Prefer", "wait=\"4\""}}, 4}, Prefer{{{"Prefer", "wait=0"}}, 0},
                    Prefer{{{"Prefer", "wait=86400"}}, prefer_wait_max.count()},
                    Prefer{{{"Prefer", "waiting=5"}}, {}}, Prefer{{{"Prefer", ""}}, {}},
                    Prefer{{{"Prefer", "wait"}}, {}, true},
                    Prefer{{{"Prefer", "wait=soon"}}, {}, true},
                    Prefer{{{"Prefer", "wait=-1"}}, {}, true},
                    Prefer{{{"Prefer", "wait=1.5"}}, {}, true}));

}  // namespace
}  // namespace skald::http
