#include "sagas/providers/wire.h"

#include <gtest/gtest.h>

#include "sagas/providers/http_transport.h"
#include "sagas/providers/ledger_entry.h"

namespace skald::sagas {
namespace {

constexpr auto authorise = PaymentOperation::authorise;

LedgerEntry entry(CallOutcome outcome) {
    const bool done = outcome == CallOutcome::succeeded;
    return {.number = 1,
            .operation = authorise,
            .key = "k",
            .order = kernel::OrderId("o1"),
            .amount = {1999, kernel::Currency("EUR")},
            .method = "card-ok",
            .outcome = outcome,
            .reference = done ? "auth_1" : "",
            .code = done ? "" : "card_declined",
            .at = kernel::Timestamp(1),
            .expires_at = done ? std::optional(kernel::Timestamp(2)) : std::nullopt};
}
const std::string done = to_json(entry(CallOutcome::succeeded));
const std::string declined = to_json(entry(CallOutcome::refused));

struct WireCase {
    std::string name;
    int status;
    std::string body;
    std::string outcome;  // of call(): succeeded, refused:code, unknown:code, not_done:code,
                          // turned_down:code
    std::string found;    // of find(): the same, or nothing
};
std::ostream& operator<<(std::ostream& out, const WireCase& row) { return out << row.name; }

std::string said(const std::optional<PaymentAnswer>& answer) {
    if (!answer) return "nothing";
    if (answer->outcome == CallOutcome::succeeded) return "succeeded";
    if (answer->outcome == CallOutcome::refused)
        return (answer->surely_not_done ? "turned_down:" : "refused:") + answer->code;
    return (answer->surely_not_done ? "not_done:" : "unknown:") + answer->code;
}

class Replies : public testing::TestWithParam<WireCase> {};

TEST_P(Replies, MeanWhatIsSureAndNoMore) {
    const auto& row = GetParam();
    EXPECT_EQ(said(answer_of_call(row.status, row.body, "k")), row.outcome);
    EXPECT_EQ(said(answer_of_find(row.status, row.body, "k")), row.found);
}

const std::string other_key = R"({"key":"x","outcome":"succeeded","reference":"auth_9"})";
const std::string no_reference = R"({"key":"k","outcome":"succeeded","reference":""})";
const std::string no_code = R"({"key":"k","outcome":"refused","code":""})";
const std::string unreadable = "unknown:unreadable_answer";

INSTANTIATE_TEST_SUITE_P(
    Wire, Replies,
    testing::Values(
        WireCase{"created", 201, done, "succeeded", unreadable},
        WireCase{"ok", 200, done, "succeeded", "succeeded"},
        WireCase{"declined", 402, declined, "refused:card_declined", unreadable},
        WireCase{"declined_told_again", 200, declined, "refused:card_declined",
                 "refused:card_declined"},
        WireCase{"declined_with_a_success_inside", 402, done, unreadable, unreadable},
        WireCase{"done_about_another_key", 201, other_key, unreadable, unreadable},
        WireCase{"ok_about_another_key", 200, other_key, unreadable, unreadable},
        WireCase{"done_without_reference", 201, no_reference, unreadable, unreadable},
        WireCase{"refused_without_code", 402, no_code, unreadable, unreadable},
        WireCase{"ok_from_a_captive_portal", 200, "<html>", unreadable, unreadable},
        WireCase{"ok_with_a_list", 200, "[]", unreadable, unreadable},
        WireCase{"ok_without_body", 200, "", unreadable, unreadable},
        WireCase{"done_with_no_content", 204, "", unreadable, unreadable},
        WireCase{"elsewhere", 302, "", unreadable, unreadable},
        WireCase{"key_reused", 409, R"({"code":"key_reused"})", "unknown:key_reused", unreadable},
        WireCase{"key_in_use", 409, R"({"code":"another_is_under_way"})", "unknown:key_reused",
                 unreadable},
        WireCase{"conflict_of_a_proxy", 409, "conflict", unreadable, unreadable},
        WireCase{"request_refused", 400, R"({"code":"invalid"})", "turned_down:invalid",
                 unreadable},
        WireCase{"request_not_processable", 422, R"({"code":"invalid"})", "turned_down:invalid",
                 unreadable},
        WireCase{"bad_request_of_a_proxy", 400, "<h1>bad</h1>", unreadable, unreadable},
        WireCase{"not_signed", 401, R"({"code":"x"})", "not_done:not_accepted",
                 "unknown:not_accepted"},
        WireCase{"too_many", 429, "", "not_done:not_accepted", "unknown:not_accepted"},
        WireCase{"no_such_operation", 404, R"({"code":"no_such_operation"})", unreadable,
                 "nothing"},
        WireCase{"no_such_path", 404, R"({"code":"not_found"})", unreadable, unreadable},
        WireCase{"not_found_of_a_proxy", 404, "", unreadable, unreadable},
        WireCase{"internal_error", 500, "", "unknown:provider_error", "unknown:provider_error"},
        WireCase{"gateway_timeout", 504, "", "unknown:provider_error", "unknown:provider_error"}),
    [](const auto& row) { return row.param.name; });

TEST(Wire, ASuccessBringsReferenceAndExpiry) {
    const auto answer = answer_of_call(201, done, "k");
    EXPECT_EQ(answer.reference, "auth_1");
    EXPECT_EQ(answer.expires_at, kernel::Timestamp(2));
}

TEST(Wire, EntriesSurviveTheirText) {
    for (const auto& json : {done, declined}) EXPECT_EQ(to_json(*entry_of(json)), json);
    for (const std::string bad : {"", "{}", "[]", "{\"number\":1"}) EXPECT_FALSE(entry_of(bad));
}

TEST(Wire, AKeyCannotLeaveItsPath) {
    EXPECT_EQ(path_of_key("pay-1_~"), "/v1/operations/pay-1_~");
    EXPECT_EQ(path_of_key("a/../b?c%d"), "/v1/operations/a%2F%2E%2E%2Fb%3Fc%25d");
}

struct Url {
    std::string text;
    std::string read;  // host|port|path|authority, or nothing
};
std::ostream& operator<<(std::ostream& out, const Url& url) { return out << url.text; }

class Urls : public testing::TestWithParam<Url> {};

TEST_P(Urls, AreReadOrRefused) {
    const auto url = parse_http_url(GetParam().text);
    std::string read;
    if (url) read = url->host + "|" + url->port + "|" + url->path + "|" + url->authority();
    EXPECT_EQ(read, GetParam().read);
}

INSTANTIATE_TEST_SUITE_P(
    Wire, Urls,
    testing::Values(Url{"http://127.0.0.1:9090", "127.0.0.1|9090||127.0.0.1:9090"},
                    Url{"https://pay.example", "pay.example|443||pay.example"},
                    Url{"http://pay.example/", "pay.example|80||pay.example"},
                    Url{"https://pay.example:80/a/b/", "pay.example|80|/a/b|pay.example:80"},
                    Url{"http://[::1]:9090/x", "::1|9090|/x|[::1]:9090"},
                    Url{"https://[::1]", "::1|443||[::1]"}, Url{"127.0.0.1:9090", ""},
                    Url{"ftp://x", ""}, Url{"http://", ""}, Url{"http://:80", ""},
                    Url{"http://x:", ""}, Url{"http://x:0", ""}, Url{"http://x:65536", ""},
                    Url{"http://x:http", ""}, Url{"http://u@x", ""}, Url{"http://x?y", ""},
                    Url{"http://::1", ""}, Url{"http://a b", ""}));

}  // namespace
}  // namespace skald::sagas
