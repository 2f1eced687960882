#include "api/http/encoding.h"

#include <gtest/gtest.h>

#include <limits>

#include "api/http/hash.h"

namespace skald::http {
namespace {

const std::string nul_character(1, '\0');

struct EncodingCase {
    std::string encoded;
    std::optional<std::string> decoded;
};
class PercentDecode : public testing::TestWithParam<EncodingCase> {};
TEST_P(PercentDecode, gives_valid_utf8_without_nul_or_refuses) {
    const auto decoded = percent_decode(GetParam().encoded, false);
    EXPECT_EQ(decoded ? std::optional(*decoded) : std::nullopt, GetParam().decoded);
}
INSTANTIATE_TEST_SUITE_P(
    rows, PercentDecode,
    testing::Values(EncodingCase{"", ""}, EncodingCase{"abc", "abc"}, EncodingCase{"a%20b", "a b"},
                    EncodingCase{"a+b", "a+b"}, EncodingCase{"%2F%2f", "//"},
                    EncodingCase{"%C3%A9", "\xC3\xA9"}, EncodingCase{"\xC3\xA9", "\xC3\xA9"},
                    EncodingCase{"%25", "%"}, EncodingCase{"%2525", "%25"},
                    EncodingCase{"%00", std::nullopt}, EncodingCase{nul_character, std::nullopt},
                    EncodingCase{"%", std::nullopt}, EncodingCase{"%4", std::nullopt},
                    EncodingCase{"%4g", std::nullopt}, EncodingCase{"%%41", std::nullopt},
                    EncodingCase{"%FF", std::nullopt}, EncodingCase{"%C3", std::nullopt},
                    EncodingCase{"%C0%80", std::nullopt}, EncodingCase{"%ED%A0%80", std::nullopt},
                    EncodingCase{"%F4%90%80%80", std::nullopt}));

TEST(PercentDecode, takes_plus_for_a_blank_in_queries) {
    EXPECT_EQ(*percent_decode("a+b%2Bc", true), "a b+c");
}

TEST(PercentEncode, is_undone_by_decoding) {
    std::string text = "\xC3\xA9";
    for (int c = 1; c < 128; ++c) text += static_cast<char>(c);
    EXPECT_EQ(*percent_decode(percent_encode(text), false), text);
    EXPECT_EQ(percent_encode("a/b c"), "a%2Fb%20c");
}

TEST(Base64Url, is_rfc_4648_without_padding) {
    EXPECT_EQ(base64url(""), "");
    EXPECT_EQ(base64url("f"), "Zg");
    EXPECT_EQ(base64url("fo"), "Zm8");
    EXPECT_EQ(base64url("foo"), "Zm9v");
    EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64url("\xfb\xff"), "-_8");
}

TEST(Base64Url, gives_back_every_byte) {
    std::string all;
    for (int c = 0; c < 256; ++c) {
        all += static_cast<char>(c);
        EXPECT_EQ(from_base64url(base64url(all)), all);
    }
}

class NotBase64 : public testing::TestWithParam<std::string> {};
TEST_P(NotBase64, is_refused) { EXPECT_EQ(from_base64url(GetParam()), std::nullopt); }
INSTANTIATE_TEST_SUITE_P(rows, NotBase64,
                         testing::Values("A", "Zg==", "Zm9v\n", "Z m8", "+/8", "Zh", "Zm9", "Zm9vA",
                                         "Zm9v" + nul_character + "AAA"));

TEST(Varint, gives_back_what_was_put_in) {
    for (const std::int64_t number :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{127}, std::int64_t{128}, std::int64_t{300},
          std::int64_t{1} << 62, std::numeric_limits<std::int64_t>::max()}) {
        std::string bytes;
        put_varint(bytes, number);
        bytes += "rest";
        std::string_view left = bytes;
        EXPECT_EQ(take_varint(left), number);
        EXPECT_EQ(left, "rest");
    }
}

TEST(Varint, refuses_what_is_cut_off_too_large_or_not_the_shortest) {
    for (const std::string& bytes :
         {std::string(), std::string("\x80"), std::string(9, '\x80'),
          std::string(9, '\xff') + "\x01", std::string("\x80") + nul_character}) {
        std::string_view left = bytes;
        EXPECT_EQ(take_varint(left), std::nullopt);
    }
}

std::string hex(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

TEST(Hash, is_sha256) {  // FIPS 180-2, appendix B.1
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, is_hmac_sha256) {  // RFC 4231, test case 2
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace skald::http
