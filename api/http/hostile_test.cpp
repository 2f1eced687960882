// What hostile and broken clients get from a running Server: an answer that says what is wrong, and
// never a second reading of the same bytes.
#include <gtest/gtest.h>

#include "api/http/server_rig.h"
#include "api/json/parse.h"

namespace skald::http {
namespace {

using namespace rig;

ServerLimits tight() {
    ServerLimits limits;
    limits.header_bytes_max = 16 * 1024;
    limits.body_bytes_max = 64 * 1024;
    limits.header_time_max = 300ms;
    limits.body_time_max = 300ms;
    return limits;
}

struct HostileCase {
    const char* what;
    std::string bytes;
    int status;
    std::string code;
    bool closes = true;
};
std::ostream& operator<<(std::ostream& out, const HostileCase& row) { return out << row.what; }

class Hostile : public testing::TestWithParam<HostileCase> {
  protected:
    static void SetUpTestSuite() { rig_ = std::make_unique<Rig>(tight()); }
    static void TearDownTestSuite() { rig_.reset(); }
    static std::unique_ptr<Rig> rig_;
};
std::unique_ptr<Rig> Hostile::rig_;

TEST_P(Hostile, request_gets_one_problem_that_names_what_is_wrong) {
    const int handled = rig_->handled;
    Client client(rig_->port());
    client.send(GetParam().bytes);
    const auto answer = client.answer();
    EXPECT_EQ(status_of(answer), GetParam().status) << answer;
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json");
    const auto problem = json::parse(body_of(answer));
    ASSERT_TRUE(problem.has_value()) << answer;
    EXPECT_EQ((*problem)["code"], GetParam().code) << answer;
    EXPECT_EQ((*problem)["status"], GetParam().status);
    EXPECT_EQ((*problem)["trace_id"].get<std::string>().size(), 32U);
    EXPECT_EQ(header_of(answer, "Connection"), GetParam().closes ? "close" : "");
    if (GetParam().closes) {
        EXPECT_EQ(client.rest(), "");
    }
    EXPECT_EQ(rig_->handled, handled);

    Client other(rig_->port());
    other.send(get("/fast"));
    EXPECT_EQ(status_of(other.answer()), 200);
}

const std::string nul(1, '\0');
const std::string json_type = "Content-Type: application/json\r\n";

std::string chunked(const std::string& chunks) {
    return "POST /echo HTTP/1.1\r\nHost: x\r\n" + json_type + "Transfer-Encoding: chunked\r\n\r\n" +
           chunks;
}

std::string nothing_but(const std::string& line) { return line + "\r\nHost: x\r\n\r\n"; }

INSTANTIATE_TEST_SUITE_P(
    request_lines, Hostile,
    testing::Values(
        HostileCase{"noise", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400,
                    "malformed_request"},
        HostileCase{"words", "hello there\r\n\r\n", 400, "malformed_request"},
        HostileCase{"no version", "GET /fast\r\n\r\n", 400, "malformed_request"},
        HostileCase{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
                    "version_not_supported"},
        HostileCase{"HTTP/1.2", nothing_but("GET /fast HTTP/1.2"), 505, "version_not_supported"},
        HostileCase{"HTTP/0.9", nothing_but("GET /fast HTTP/0.9"), 505, "version_not_supported"},
        HostileCase{"lower-case http", nothing_but("GET /fast http/1.1"), 400, "malformed_request"},
        HostileCase{"blank in the target", nothing_but("GET /fa st HTTP/1.1"), 400,
                    "malformed_request"},
        HostileCase{"tab in the target", nothing_but("GET /fa\tst HTTP/1.1"), 400,
                    "malformed_request"},
        HostileCase{"NUL in the target", nothing_but("GET /fast" + nul + " HTTP/1.1"), 400,
                    "malformed_request"},
        HostileCase{"bad method characters", nothing_but("G(T /fast HTTP/1.1"), 400,
                    "malformed_request"},
        HostileCase{"no method", nothing_but(" /fast HTTP/1.1"), 400, "malformed_request"},
        HostileCase{"line feeds only", "GET /fast HTTP/1.1\nHost: x\n\n\r\n\r\n", 400,
                    "malformed_request"},
        HostileCase{"asterisk", nothing_but("OPTIONS * HTTP/1.1"), 400, "malformed_path", false},
        HostileCase{"CONNECT", nothing_but("CONNECT a.example:443 HTTP/1.1"), 400, "malformed_path",
                    false},
        HostileCase{"unknown method", nothing_but("BREW /fast HTTP/1.1"), 405, "method_not_allowed",
                    false},
        HostileCase{"known method, wrong here", nothing_but("DELETE /fast HTTP/1.1"), 405,
                    "method_not_allowed", false},
        HostileCase{"lower-case method", nothing_but("get /fast HTTP/1.1"), 405,
                    "method_not_allowed", false},
        HostileCase{"long target", nothing_but("GET /" + std::string(9000, 'a') + " HTTP/1.1"), 414,
                    "target_too_long", false},
        HostileCase{"endless request line", "GET /" + std::string(60'000, 'a'), 414,
                    "target_too_long"},
        HostileCase{"dot segments reach nothing", nothing_but("GET /things/../fast HTTP/1.1"), 404,
                    "not_found", false},
        HostileCase{"empty parameter", nothing_but("GET /things/ HTTP/1.1"), 404, "not_found",
                    false},
        HostileCase{"double slash", nothing_but("GET //fast HTTP/1.1"), 404, "not_found", false},
        HostileCase{"fragment", nothing_but("GET /fast#x HTTP/1.1"), 400, "malformed_path",
                    false}));

INSTANTIATE_TEST_SUITE_P(
    encodings, Hostile,
    testing::Values(
        HostileCase{"NUL in the path", get("/things/a%00b"), 400, "malformed_path", false},
        HostileCase{"percent without digits", get("/things/a%"), 400, "malformed_path", false},
        HostileCase{"percent and one digit", get("/things/a%4"), 400, "malformed_path", false},
        HostileCase{"percent and no hex", get("/things/%zz"), 400, "malformed_path", false},
        HostileCase{"bad UTF-8 in the path", get("/things/%ff"), 400, "malformed_path", false},
        HostileCase{"overlong dot in the path", get("/things/%c0%ae"), 400, "malformed_path",
                    false},
        HostileCase{"surrogate in the path", get("/things/%ed%a0%80"), 400, "malformed_path",
                    false},
        HostileCase{"NUL in the query", get("/fast?a=%00"), 400, "invalid_request", false},
        HostileCase{"bad UTF-8 in the query", get("/fast?a=%ff"), 400, "invalid_request", false},
        HostileCase{"bad UTF-8 in a parameter's name", get("/fast?%ff=1"), 400, "invalid_request",
                    false},
        HostileCase{"percent in the query", get("/fast?a=100%"), 400, "invalid_request", false},
        HostileCase{"200 parameters",
                    get("/fast?" +
                        [] {
                            std::string all;
                            for (int i = 0; i < 200; ++i) all += "a=1&";
                            return all;
                        }()),
                    400, "invalid_request", false}));

INSTANTIATE_TEST_SUITE_P(
    headers, Hostile,
    testing::Values(
        HostileCase{"no Host", "GET /fast HTTP/1.1\r\n\r\n", 400, "malformed_request"},
        HostileCase{"two Hosts", get("/fast", "Host: y\r\n"), 400, "malformed_request"},
        HostileCase{"no colon", get("/fast", "Nonsense\r\n"), 400, "malformed_request"},
        HostileCase{"blank before the colon", get("/fast", "X-A : 1\r\n"), 400,
                    "malformed_request"},
        HostileCase{"NUL in a value", get("/fast", "X-A: a" + nul + "b\r\n"), 400,
                    "malformed_request"},
        HostileCase{"NUL in a name", get("/fast", "X" + nul + "A: 1\r\n"), 400,
                    "malformed_request"},
        HostileCase{"empty name", get("/fast", ": 1\r\n"), 400, "malformed_request"},
        HostileCase{"bare CR in a value", get("/fast", "X-A: a\rb\r\n"), 400, "malformed_request"},
        HostileCase{"one huge header", get("/fast", "X-A: " + std::string(20'000, 'a') + "\r\n"),
                    431, "headers_too_large"},
        HostileCase{"endless header",
                    "GET /fast HTTP/1.1\r\nHost: x\r\nX-A: " + std::string(200'000, 'a'), 431,
                    "headers_too_large"},
        HostileCase{"endless headers",
                    [] {
                        std::string all = "GET /fast HTTP/1.1\r\nHost: x\r\n";
                        for (int i = 0; i < 5000; ++i) all += "X-" + std::to_string(i) + ": 1\r\n";
                        return all;
                    }(),
                    431, "headers_too_large"},
        HostileCase{"unknown expectation", get("/fast", "Expect: miracles\r\n"), 417,
                    "expectation_failed"}));

INSTANTIATE_TEST_SUITE_P(
    smuggling, Hostile,
    testing::Values(
        HostileCase{"length and coding",
                    "POST /echo HTTP/1.1\r\nHost: x\r\n" + json_type +
                        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                        get("/fast"),
                    400, "malformed_request"},
        HostileCase{"coding and length",
                    "POST /echo HTTP/1.1\r\nHost: x\r\n" + json_type +
                        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" +
                        get("/fast"),
                    400, "malformed_request"},
        HostileCase{"two lengths", post("/echo", "{}", json_type + "Content-Length: 40\r\n"), 400,
                    "malformed_request"},
        HostileCase{"two equal lengths", post("/echo", "{}", json_type + "Content-Length: 2\r\n"),
                    400, "malformed_request"},
        HostileCase{
            "list of lengths",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\n{}" + get("/fast"), 400,
            "malformed_request"},
        HostileCase{"negative length",
                    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + get("/fast"),
                    400, "malformed_request"},
        HostileCase{"signed length",
                    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}" + get("/fast"),
                    400, "malformed_request"},
        HostileCase{
            "hex length",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0x2\r\n\r\n{}" + get("/fast"), 400,
            "malformed_request"},
        HostileCase{
            "length beyond 64 bits",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{}", 400,
            "malformed_request"},
        HostileCase{"no length's digits",
                    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n" + get("/fast"),
                    400, "malformed_request"},
        HostileCase{
            "two codings",
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" +
                get("/fast"),
            501, "unsupported_transfer_encoding"},
        HostileCase{"coding twice",
                    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                        get("/fast"),
                    400, "malformed_request"},
        HostileCase{"chunked, then something",
                    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n"
                    "0\r\n\r\n" +
                        get("/fast"),
                    501, "unsupported_transfer_encoding"},
        HostileCase{
            "misspelt coding",
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" +
                get("/fast"),
            501, "unsupported_transfer_encoding"},
        HostileCase{
            "coding in HTTP/1.0",
            "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                get("/fast"),
            400, "malformed_request"},
        HostileCase{"chunk size with sign", chunked("+2\r\n{}\r\n0\r\n\r\n" + get("/fast")), 400,
                    "malformed_request"},
        HostileCase{"chunk size with 0x", chunked("0x2\r\n{}\r\n0\r\n\r\n" + get("/fast")), 400,
                    "malformed_request"},
        HostileCase{"chunk size overflows", chunked("ffffffffffffffff1\r\n{}\r\n0\r\n\r\n"), 400,
                    "malformed_request"},
        HostileCase{"chunk longer than it says", chunked("2\r\n{}xx\r\n0\r\n\r\n" + get("/fast")),
                    400, "malformed_request"},
        HostileCase{"no chunk size", chunked("\r\n{}\r\n0\r\n\r\n" + get("/fast")), 400,
                    "malformed_request"}));

INSTANTIATE_TEST_SUITE_P(
    bodies, Hostile,
    testing::Values(
        HostileCase{"too large by its length", post("/echo", std::string(70'000, ' '), json_type),
                    413, "body_too_large"},
        HostileCase{"a length of 4 GiB",
                    "POST /echo HTTP/1.1\r\nHost: x\r\n" + json_type +
                        "Content-Length: 4294967296\r\n\r\n{}",
                    413, "body_too_large"},
        HostileCase{"too large by its chunks", chunked([] {
                        std::string chunks;
                        for (int i = 0; i < 20; ++i)
                            chunks += "1000\r\n" + std::string(4096, ' ') + "\r\n";
                        return chunks;
                    }()),
                    413, "body_too_large"},
        HostileCase{"one chunk larger than all", chunked("fffffff\r\n" + std::string(100'000, ' ')),
                    413, "body_too_large"},
        HostileCase{"endless chunk extension", chunked("1;" + std::string(200'000, 'x')), 431,
                    "headers_too_large"},
        HostileCase{"body where none is taken", post("/async", "{}", json_type), 400,
                    "body_not_expected", false},
        HostileCase{"body of a GET", get("/things/a", "Content-Length: 2\r\n" + json_type) + "{}",
                    400, "body_not_expected", false},
        HostileCase{"no content type", post("/echo", "{}", ""), 415, "unsupported_media_type",
                    false},
        HostileCase{"text", post("/echo", "{}", "Content-Type: text/plain\r\n"), 415,
                    "unsupported_media_type", false},
        HostileCase{"form",
                    post("/echo", "a=1", "Content-Type: application/x-www-form-urlencoded\r\n"),
                    415, "unsupported_media_type", false},
        HostileCase{"another charset",
                    post("/echo", "{}", "Content-Type: application/json; charset=latin1\r\n"), 415,
                    "unsupported_media_type", false},
        HostileCase{"content type twice", post("/echo", "{}", json_type + json_type), 415,
                    "unsupported_media_type", false},
        HostileCase{"compressed", post("/echo", "{}", json_type + "Content-Encoding: gzip\r\n"),
                    415, "unsupported_encoding", false}));

TEST_F(Hostile, slow_header_is_answered_408) {
    Client client(rig_->port());
    client.send("GET /fast HTTP/1.1\r\n");
    for (int i = 0; i < 20; ++i) {  // a byte now and then buys no time
        if (!client.send("X: 1\r\n")) break;
        std::this_thread::sleep_for(30ms);  // being slow is the point
    }
    const auto answer = client.answer();
    EXPECT_EQ(status_of(answer), 408);
    EXPECT_EQ(header_of(answer, "Connection"), "close");
}

// Fields behind a chunked body are no headers: nobody in front of the server has seen them.
TEST_F(Hostile, trailers_are_no_headers) {
    Client client(rig_->port());
    client.send("POST /match HTTP/1.1\r\nHost: x\r\n" + json_type +
                "Transfer-Encoding: chunked\r\nIf-Match: \"1\"\r\n\r\n2\r\n{}\r\n0\r\n"
                "If-Match: \"2\"\r\nX-Late: 1\r\n\r\n");
    EXPECT_EQ(body_of(client.answer()), R"("1 of \"1\"")");
}

TEST_F(Hostile, slow_body_is_answered_408) {
    Client client(rig_->port());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\n" + json_type + "Content-Length: 1000\r\n\r\n");
    for (int i = 0; i < 20; ++i) {
        if (!client.send(" ")) break;
        std::this_thread::sleep_for(30ms);  // being slow is the point
    }
    EXPECT_EQ(status_of(client.answer()), 408);
}

TEST_F(Hostile, slow_chunks_are_answered_408) {
    Client client(rig_->port());
    client.send(chunked("1\r\n \r\n"));
    EXPECT_EQ(status_of(client.answer()), 408);
}

TEST_F(Hostile, half_a_request_is_answered_400) {
    for (const auto& bytes :
         {std::string("GET /fast HT"), std::string("GET /fast HTTP/1.1\r\nHo"),
          post("/echo", "{}").substr(0, post("/echo", "{}").size() - 1), chunked("2\r\n{}\r\n")}) {
        Client client(rig_->port());
        client.send(bytes);
        client.send_end();
        EXPECT_EQ(status_of(client.answer()), 400) << bytes;
    }
}

TEST_F(Hostile, length_shorter_than_the_body_ends_the_connection) {
    Client client(rig_->port());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\n" + json_type +
                "Content-Length: 2\r\n\r\n{}garbage that is no request\r\n\r\n");
    EXPECT_EQ(body_of(client.answer()), "{}");
    EXPECT_EQ(status_of(client.answer()), 400);
    EXPECT_EQ(client.rest(), "");
}

TEST_F(Hostile, deep_json_is_refused_and_the_connection_goes_on) {
    Client client(rig_->port());
    client.send(post("/echo", std::string(30'000, '[')) + get("/things/a"));
    const auto answer = client.answer();
    EXPECT_EQ(status_of(answer), 400);
    EXPECT_EQ((*json::parse(body_of(answer)))["errors"][0]["code"], "too_deep");
    EXPECT_EQ(status_of(client.answer()), 200);
}

TEST_F(Hostile, answer_to_a_huge_body_reaches_a_client_that_sends_it_all_first) {
    Client client(rig_->port());
    client.send(post("/echo", std::string(4 * 1024 * 1024, ' '), json_type));
    EXPECT_EQ(status_of(client.answer()), 413);
}

TEST_F(Hostile, method_not_allowed_names_what_is) {
    Client client(rig_->port());
    client.send(
        "DELETE /fast HTTP/1.1\r\nHost: x\r\n\r\nOPTIONS /fast HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(header_of(client.answer(), "Allow"), "GET, HEAD");
    const auto options = client.answer();
    EXPECT_EQ(status_of(options), 204);
    EXPECT_EQ(header_of(options, "Allow"), "GET, HEAD");
}

TEST_F(Hostile, upgrade_is_ignored) {
    Client client(rig_->port());
    client.send(get("/fast", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    EXPECT_EQ(status_of(client.answer()), 200);
}

TEST_F(Hostile, every_truncation_and_flipped_byte_is_survived) {
    const auto good = post("/echo", R"({"a":[1,2,{"b":"c"}]})", json_type + "X-Trace: abc\r\n");
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bytes = good;
        bytes[i] = static_cast<char>(bytes[i] ^ 0x15);
        clients.push_back(std::make_unique<Client>(rig_->port()));
        clients.back()->send(bytes);
        clients.back()->send_end();
        clients.push_back(std::make_unique<Client>(rig_->port()));
        clients.back()->send(good.substr(0, i));
        clients.back()->send_end();
    }
    for (auto& client : clients) {
        const auto answer = client->answer();
        if (answer.empty()) continue;
        EXPECT_GE(status_of(answer), 200) << answer;
    }
    Client client(rig_->port());
    client.send(get("/fast"));
    EXPECT_EQ(status_of(client.answer()), 200);
}

}  // namespace
}  // namespace skald::http
