#include "schemas/meta.h"

#include <gtest/gtest.h>

namespace skald::schemas {
namespace {

const Meta full{"anonymous", "c0ffee", "5eed", "00-0af7651916cd43dd8448eb211c80319c-1-01"};

TEST(Meta, IsReadAsItWasWritten) {
    for (const auto& meta : {Meta{}, full}) EXPECT_EQ(decode_meta(encode_meta(meta)), meta);
}

TEST(Meta, BytesStoredOnceAreReadForEver) {
    EXPECT_EQ(decode_meta("\x0a\x01p\x12\x02\x63o\x1a\x02\x63\x61\"\x01t"),
              (Meta{"p", "co", "ca", "t"}));
}

TEST(Meta, IsShownAsJson) {
    EXPECT_EQ(
        meta_to_json(encode_meta({.principal = "anonymous"})),
        R"({"principal":"anonymous","correlation_id":"","causation_id":"","traceparent":""})");
}

TEST(Meta, GivesTheHeadersThatAreKnown) {
    using Headers = std::vector<std::pair<std::string_view, std::string>>;
    EXPECT_EQ(meta_headers(encode_meta(full)), (Headers{{"ce_correlationid", "c0ffee"},
                                                        {"ce_causationid", "5eed"},
                                                        {"traceparent", full.traceparent}}));
    EXPECT_EQ(meta_headers(encode_meta({.principal = "p"})), Headers{});
}

TEST(Meta, BytesThatAreNoneAreMalformedAndGiveNoHeaders) {
    for (const std::string bytes : {"\x0a\x05p", "\xff\xff", "\x0a\x01\xff"}) {
        ASSERT_FALSE(decode_meta(bytes));
        EXPECT_EQ(decode_meta(bytes).error().kind, DecodeErrorKind::malformed);
        EXPECT_FALSE(meta_to_json(bytes));
        EXPECT_TRUE(meta_headers(bytes).empty());
    }
}

}  // namespace
}  // namespace skald::schemas
