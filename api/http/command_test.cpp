// Idempotency keys, conditional requests, and what commands begin with.
#include "api/http/command.h"

#include <gtest/gtest.h>

#include "api/http/test_requests.h"

namespace skald::http {
namespace {

const eventstore::StoreInfo store{*eventstore::parse_uuid("3d5a9a5e-7a80-4b65-9c0e-8a2d61f3c001"),
                                  eventstore::Era(1), 4};

struct Body {
    std::string sku;
    std::int64_t quantity = 0;
};
BOOST_DESCRIBE_STRUCT(Body, (), (sku, quantity))
inline json::Rules rules_for(json::Tag<Body>) {
    return {{"sku", json::sku()}, {"quantity", json::integer(1, 9)}};
}

const std::string one_of_a = R"({"sku":"A","quantity":1})";

auto command(Pairs headers, const std::string& text = one_of_a, const std::string& target = "/v1/x",
             const std::string& method = "POST") {
    return read_command<Body>(request_of(method, target, std::move(headers), text), store);
}

CommandKey key_of(Pairs headers, const std::string& text = one_of_a,
                  const std::string& target = "/v1/x", const std::string& method = "POST") {
    return command(std::move(headers), text, target, method)->envelope.key;
}

struct CommandCase {
    const char* what;
    Pairs headers;
    std::string body;
    std::string target;
    std::string expected;
};
std::ostream& operator<<(std::ostream& out, const CommandCase& row) { return out << row.what; }
class Commands : public testing::TestWithParam<CommandCase> {};
TEST_P(Commands, are_checked_in_all_their_parts) {
    const auto& row = GetParam();
    EXPECT_EQ(summary(command(row.headers, row.body, row.target)), row.expected);
}
const std::string bad_key = "400 invalid_request /header/Idempotency-Key:bad_format";
INSTANTIATE_TEST_SUITE_P(
    rows, Commands,
    testing::Values(
        CommandCase{"plain", {}, one_of_a, "/v1/x", ""},
        CommandCase{"malformed body", {}, "{", "/v1/x", "400 malformed_json :malformed_json"},
        CommandCase{"empty body", {}, "", "/v1/x", "400 malformed_json :malformed_json"},
        CommandCase{"several problems",
                    {},
                    R"({"sku":"a b","quantity":0,"x":1})",
                    "/v1/x",
                    "400 invalid_request /sku:bad_format /quantity:too_small /x:unknown_field"},
        CommandCase{"wrong in all its parts",
                    {{"Idempotency-Key", ""},
                     {"If-Match", "7"},
                     {"Skald-Token", "zz"},
                     {"Prefer", "wait=x"}},
                    R"({"sku":"A"})",
                    "/v1/x?dry=1",
                    "400 invalid_request /quantity:missing /query/dry:unknown_parameter "
                    "/header/Idempotency-Key:bad_format /header/If-Match:bad_format "
                    "/header/Skald-Token:token_malformed /header/Prefer:bad_format"},
        CommandCase{"malformed body and key",
                    {{"Idempotency-Key", ""}},
                    "{",
                    "/v1/x",
                    "400 invalid_request :malformed_json /header/Idempotency-Key:bad_format"},
        CommandCase{"an ETag that is nobody's, and a bad key",
                    {{"If-Match", "\"x\""}, {"Idempotency-Key", ""}},
                    one_of_a,
                    "/v1/x",
                    bad_key},
        CommandCase{"query parameter",
                    {},
                    one_of_a,
                    "/v1/x?dry=1",
                    "400 invalid_request /query/dry:unknown_parameter"},
        CommandCase{"key of 1", {{"Idempotency-Key", "k"}}, one_of_a, "/v1/x", ""},
        CommandCase{
            "key of 255", {{"Idempotency-Key", std::string(255, 'k')}}, one_of_a, "/v1/x", ""},
        CommandCase{
            "key with blanks inside", {{"Idempotency-Key", "a b~!"}}, one_of_a, "/v1/x", ""},
        CommandCase{"empty key", {{"Idempotency-Key", ""}}, one_of_a, "/v1/x", bad_key},
        CommandCase{
            "key of 256", {{"Idempotency-Key", std::string(256, 'k')}}, one_of_a, "/v1/x", bad_key},
        CommandCase{"key with a tab", {{"Idempotency-Key", "a\tb"}}, one_of_a, "/v1/x", bad_key},
        CommandCase{"key with DEL", {{"Idempotency-Key", "a\x7f"}}, one_of_a, "/v1/x", bad_key},
        CommandCase{
            "key beyond ASCII", {{"Idempotency-Key", "\xC3\xA9"}}, one_of_a, "/v1/x", bad_key},
        CommandCase{"key twice",
                    {{"Idempotency-Key", "a"}, {"idempotency-key", "a"}},
                    one_of_a,
                    "/v1/x",
                    bad_key},
        CommandCase{"bad token", {{"Skald-Token", "zz"}}, one_of_a, "/v1/x", "400 token_malformed"},
        CommandCase{"bad preference",
                    {{"Prefer", "wait=x"}},
                    one_of_a,
                    "/v1/x",
                    "400 invalid_request /header/Prefer:bad_format"},
        CommandCase{"bad If-Match",
                    {{"If-Match", "7"}},
                    one_of_a,
                    "/v1/x",
                    "400 invalid_request /header/If-Match:bad_format"}));

TEST(Commands, carry_what_the_client_said) {
    const auto token = Token::nothing_of(store);
    const auto read = command({{"Idempotency-Key", "k"},
                               {"If-Match", "\"7\""},
                               {"Prefer", "wait=3"},
                               {"Skald-Token", token.encode()}});
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->body.sku, "A");
    EXPECT_TRUE(read->envelope.key.from_outside);
    EXPECT_EQ(read->envelope.if_match.version, eventstore::Version(7));
    EXPECT_EQ(read->envelope.wait, std::chrono::seconds(3));
    EXPECT_EQ(read->envelope.token, token);
}

TEST(Commands, without_a_body_refuse_one) {
    EXPECT_TRUE(read_envelope(request_of("DELETE", "/v1/x"), store).has_value());
    EXPECT_EQ(summary(read_envelope(request_of("DELETE", "/v1/x", {}, "{}"), store)),
              "400 body_not_expected");
}

TEST(CommandId, is_fresh_without_a_key) {
    EXPECT_NE(key_of({}).id, key_of({}).id);
    EXPECT_FALSE(key_of({}).from_outside);
}

struct Same {
    const char* what;
    CommandKey one;
    CommandKey other;
    bool same_id;
    bool same_fingerprint;
};
class Identity : public testing::TestWithParam<Same> {};
TEST_P(Identity, is_made_of_the_request) {
    EXPECT_EQ(GetParam().one.id == GetParam().other.id, GetParam().same_id) << GetParam().what;
    EXPECT_EQ(GetParam().one.fingerprint == GetParam().other.fingerprint,
              GetParam().same_fingerprint)
        << GetParam().what;
}
const Pairs k{{"Idempotency-Key", "k"}};
const std::string reordered = R"( { "quantity" : 1, "sku" : "\u0041" } )";
INSTANTIATE_TEST_SUITE_P(
    rows, Identity,
    testing::Values(
        Same{"the same twice", key_of(k), key_of(k), true, true},
        Same{"the same, written otherwise", key_of(k), key_of(k, reordered), true, true},
        Same{"other body", key_of(k), key_of(k, R"({"sku":"A","quantity":2})"), true, false},
        Same{"other key", key_of(k), key_of({{"Idempotency-Key", "K"}}), false, true},
        Same{"other path", key_of(k), key_of(k, one_of_a, "/v1/y"), false, true},
        Same{"other method", key_of(k), key_of(k, one_of_a, "/v1/x", "PATCH"), false, true},
        Same{"key moved into the path", key_of({{"Idempotency-Key", "ab"}}, one_of_a, "/v1/x"),
             key_of({{"Idempotency-Key", "b"}}, one_of_a, "/v1/xa"), false, true},
        Same{"other If-Match", key_of(k), key_of({{"Idempotency-Key", "k"}, {"If-Match", "\"1\""}}),
             true, false},
        Same{"other token", key_of(k),
             key_of({{"Idempotency-Key", "k"}, {"Skald-Token", Token::nothing_of(store).encode()}}),
             true, true},
        Same{"other trace", key_of(k), key_of({{"Idempotency-Key", "k"}, {"traceparent", "x"}}),
             true, true}));

// One path written in two ways ran a command twice.
TEST(CommandId, is_of_the_path_however_it_is_written) {
    const auto id_at = [](const std::string& path, const std::string& sku) {
        auto request = request_of("POST", path, k);
        request.route = "/v1/stock/{sku}/receipts";
        request.path_parameters = {{"sku", sku}};
        return command_key(request, nullptr)->id;
    };
    const auto plain = id_at("/v1/stock/A/receipts", "A");
    EXPECT_EQ(id_at("/v1/stock/%41/receipts", "A"), plain);
    EXPECT_EQ(command_key(request_of("POST", "/v1/stock/A/receipts", k), nullptr)->id, plain);
    EXPECT_NE(id_at("/v1/stock/B/receipts", "B"), plain);
    EXPECT_EQ(id_at("/v1/stock/a%2fb/receipts", "a/b"), id_at("/v1/stock/a%2Fb/receipts", "a/b"));
}

TEST(CommandId, is_of_the_principal) {
    auto request = request_of("POST", "/v1/x", k);
    const auto anonymous = command_key(request, nullptr)->id;
    request.principal = "alice";
    EXPECT_NE(command_key(request, nullptr)->id, anonymous);
}

struct Condition {
    std::vector<std::string> values;
    std::string expected;  // a version, "*", "none" or the problem
};
std::ostream& operator<<(std::ostream& out, const Condition& row) {
    for (const auto& value : row.values) out << value << ' ';
    return out;
}

Request with(const char* name, const std::vector<std::string>& values) {
    Pairs headers;
    for (const auto& value : values) headers.emplace_back(name, value);
    return request_of("GET", "/x", std::move(headers));
}

class IfMatchHeader : public testing::TestWithParam<Condition> {};
TEST_P(IfMatchHeader, names_one_version_or_is_refused) {
    const auto match = if_match(with("If-Match", GetParam().values));
    std::string found = summary(match);
    if (match && match->exists) found = "*";
    if (match && match->version) found = std::to_string(match->version->value());
    if (match && match->with_digest) found += " with a digest";
    if (found.empty()) found = "none";
    EXPECT_EQ(found, GetParam().expected);
}
const std::string malformed = "400 invalid_request /header/If-Match:bad_format";
INSTANTIATE_TEST_SUITE_P(
    rows, IfMatchHeader,
    testing::Values(Condition{{}, "none"}, Condition{{"\"7\""}, "7"}, Condition{{" \"7\" "}, "7"},
                    Condition{{"\"0\""}, "0"}, Condition{{"*"}, "*"},
                    Condition{{"\"9223372036854775807\""}, "9223372036854775807"},
                    Condition{{"\"7.k3Jx-_09AZaz\""}, "7 with a digest"},
                    Condition{{"\"7.k3Jx\""}, "412 precondition_failed"},
                    Condition{{"\"7.\""}, "412 precondition_failed"},
                    Condition{{"\"7.k3Jx-_09AZa+\""}, "412 precondition_failed"},
                    Condition{{"\"7.k3Jx-_09AZaz.\""}, "412 precondition_failed"},
                    Condition{{"\".k3Jx-_09AZaz\""}, "412 precondition_failed"},
                    Condition{{"7"}, malformed}, Condition{{""}, malformed},
                    Condition{{"\"7"}, malformed}, Condition{{"7\""}, malformed},
                    Condition{{"\"7\","}, malformed}, Condition{{"\"7\" \"8\""}, malformed},
                    Condition{{"w/\"7\""}, malformed}, Condition{{"*, \"7\""}, malformed},
                    Condition{{"\"7\", \"8\""}, "400 invalid_request"},
                    Condition{{"\"7\"", "\"8\""}, "400 invalid_request"},
                    Condition{{"W/\"7\""}, "412 precondition_failed"},
                    Condition{{"\"abc\""}, "412 precondition_failed"},
                    Condition{{"\"\""}, "412 precondition_failed"},
                    Condition{{"\"07\""}, "412 precondition_failed"},
                    Condition{{"\"-7\""}, "412 precondition_failed"},
                    Condition{{"\"9223372036854775808\""}, "412 precondition_failed"}));

class IfNoneMatchHeader : public testing::TestWithParam<Condition> {};
TEST_P(IfNoneMatchHeader, tells_whether_version_7_is_known) {
    const auto unchanged = is_unchanged(with("If-None-Match", GetParam().values), "\"7\"");
    EXPECT_EQ(unchanged ? (*unchanged ? "304" : "200") : summary(unchanged), GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    rows, IfNoneMatchHeader,
    testing::Values(Condition{{}, "200"}, Condition{{"\"7\""}, "304"}, Condition{{"\"8\""}, "200"},
                    Condition{{"*"}, "304"}, Condition{{"W/\"7\""}, "304"},
                    Condition{{"\"1\", \"7\""}, "304"}, Condition{{"\"1\"", "\"7\""}, "304"},
                    Condition{{"\"77\""}, "200"}, Condition{{"\"7.k3Jx\""}, "200"},
                    Condition{{"\"abc\""}, "200"},
                    Condition{{"7"}, "400 invalid_request /header/If-None-Match:bad_format"}));

TEST(ETag, is_the_version_in_quotes) {
    EXPECT_EQ(etag(eventstore::Version(12)), "\"12\"");
    const auto response = not_modified("\"12\"");
    EXPECT_EQ(response.status, 304);
    EXPECT_EQ(response.headers, (Pairs{{"ETag", "\"12\""}}));
}

TEST(ETag, of_what_is_shown_with_other_things_differs_when_they_do) {
    const auto tag = etag(eventstore::Version(12), "tea 250");
    EXPECT_TRUE(tag.starts_with("\"12.")) << tag;
    EXPECT_EQ(tag, etag(eventstore::Version(12), "tea 250"));
    EXPECT_NE(tag, etag(eventstore::Version(12), "tea 251"));
    const auto match = if_match(with("If-Match", {tag}));
    EXPECT_EQ(match->version, eventstore::Version(12));
    EXPECT_TRUE(match->with_digest);
    EXPECT_TRUE(is_unchanged(with("If-None-Match", {tag}), tag).value());
}

}  // namespace
}  // namespace skald::http
