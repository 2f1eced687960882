// Requests, problems, traces and the worker pool.
#include "api/http/message.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "api/http/problem.h"
#include "api/http/wire.h"
#include "api/http/workers.h"

namespace skald::http {
namespace {

using namespace std::chrono_literals;

TEST(Headers, are_found_in_any_case) {
    Request request;
    request.headers = {{"X-One", "1"}, {"x-one", "2"}, {"Two", ""}};
    EXPECT_EQ(request.header("x-ONE"), "1");
    EXPECT_EQ(request.header("two"), "");
    EXPECT_FALSE(request.header("three"));
    EXPECT_EQ(request.count_headers("X-ONE"), 2U);
}

struct Trace {
    std::string header;
    bool continued;
};
class Traceparent : public testing::TestWithParam<Trace> {};
TEST_P(Traceparent, is_continued_when_well_formed) {
    const auto trace = continue_trace(GetParam().header);
    EXPECT_EQ(trace.trace_id == "0af7651916cd43dd8448eb211c80319c", GetParam().continued);
    EXPECT_EQ(trace.trace_id.size(), 32U);
    EXPECT_EQ(trace.span_id.size(), 16U);
    EXPECT_NE(trace.span_id, "b7ad6b7169203331");
}
INSTANTIATE_TEST_SUITE_P(
    rows, Traceparent,
    testing::Values(Trace{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true},
                    Trace{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true},
                    Trace{"01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", true},
                    Trace{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false},
                    Trace{"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
                    Trace{"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false},
                    Trace{"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
                    Trace{"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
                    Trace{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g", false},
                    Trace{"00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
                    Trace{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", false},
                    Trace{"", false}));

TEST(Traceparent, is_handed_on_with_a_span_of_our_own) {
    const auto trace = continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    EXPECT_EQ(trace.traceparent(), "00-0af7651916cd43dd8448eb211c80319c-" + trace.span_id + "-01");
}

TEST(Traceparent, is_made_fresh_each_time) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(continue_trace(std::nullopt).trace_id);
    EXPECT_EQ(ids.size(), 1000U);
}

TEST(Problem, is_written_as_rfc_9457) {
    TraceContext trace;
    trace.trace_id = "abc";
    auto problem = unavailable("overloaded", "too much \"work\"", 3s);
    const auto response = to_response(problem, trace);
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers,
              (Pairs{{"Content-Type", "application/problem+json"}, {"Retry-After", "3"}}));
    EXPECT_EQ(response.body,
              R"({"type":"urn:skald:problem:overloaded","title":"Overloaded","status":503,)"
              R"("detail":"too much \"work\"","code":"overloaded","errors":[],"trace_id":"abc",)"
              R"("retryable":true})");
}

TEST(Problem, lists_what_is_wrong_by_pointer) {
    const auto response =
        to_response(conflict("not_enough_stock", "3 left", "/lines/0/quantity"), TraceContext{});
    EXPECT_NE(response.body.find(R"("errors":[{"pointer":"/lines/0/quantity",)"
                                 R"("code":"not_enough_stock","message":"3 left"}])"),
              std::string::npos);
    EXPECT_EQ(invalid({{"/a", "x", "is bad"}}).detail, "/a is bad");
    EXPECT_EQ(invalid({{"/a", "x", ""}, {"/b", "y", ""}}).detail,
              "2 problems; each is listed under errors");
}

TEST(Wire, frames_an_answer_by_its_status) {
    const auto framed = [](int status, Framing framing) {
        return head_of(Response{status, {}, "body"}, framing);
    };
    EXPECT_NE(framed(200, {}).find("Content-Length: 4\r\n\r\n"), std::string::npos);
    EXPECT_EQ(framed(204, {}).find("Content-Length"), std::string::npos);
    EXPECT_EQ(framed(304, {}).find("Content-Length"), std::string::npos);
    EXPECT_NE(framed(200, {false, false}).find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(framed(200, {true, true}).find("Connection: keep-alive\r\n"), std::string::npos);
    EXPECT_TRUE(framed(422, {}).starts_with("HTTP/1.1 422 Unprocessable Content\r\nDate: "));
}

Workers::Job job(std::function<void()> run, std::function<void()> expire,
                 Clock::time_point deadline = Clock::time_point::max()) {
    return {std::move(run), std::move(expire), deadline};
}

TEST(Workers, run_every_job_they_took) {
    std::atomic<int> ran = 0;
    Workers workers("test", 3, 1000);
    for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(workers.submit(job([&] { ++ran; }, [] { FAIL(); })));
    }
    while (ran < 500) std::this_thread::yield();
}

TEST(Workers, expire_what_waited_too_long) {
    std::atomic<int> expired = 0;
    Workers workers("test", 1, 10);
    workers.submit(job([] { FAIL(); }, [&] { ++expired; }, Clock::now() - 1ms));
    while (expired < 1) std::this_thread::yield();
}

// The story: a hand that goes on as long as nobody waits for its thread did not see what was due,
// and with one worker a query that waited for its token was never asked again.
TEST(Workers, tell_that_what_is_due_waits) {
    std::atomic<bool> go = false;
    std::atomic<bool> begun = false;
    Workers workers("test", 1, 2);
    ASSERT_TRUE(workers.submit(job(
        [&] {
            begun = true;
            begun.notify_all();
            go.wait(false);
        },
        [] {})));
    begun.wait(false);
    ASSERT_TRUE(workers.submit_at(Clock::now() + 1h, job([] { FAIL(); }, [] {})));
    EXPECT_EQ(workers.waiting(), 0U);
    ASSERT_TRUE(workers.submit_at(Clock::now(), job([] {}, [] {})));
    EXPECT_EQ(workers.waiting(), 1U);
    go = true;
    go.notify_all();
}

TEST(Workers, refuse_more_than_their_queue_holds_and_expire_it_on_stop) {
    std::atomic<bool> go = false;
    std::atomic<bool> begun = false;
    std::atomic<int> expired = 0;
    Workers workers("test", 1, 2);
    const auto block = [&] {
        begun = true;
        begun.notify_all();
        go.wait(false);
    };
    ASSERT_TRUE(workers.submit(job(block, [] {})));
    begun.wait(false);
    EXPECT_TRUE(workers.submit(job([] { FAIL(); }, [&] { ++expired; })));
    EXPECT_TRUE(workers.submit(job([] { FAIL(); }, [&] { ++expired; })));
    EXPECT_FALSE(workers.submit(job([] { FAIL(); }, [] { FAIL(); })));
    EXPECT_EQ(workers.waiting(), 2U);
    std::thread release([&] {
        while (expired < 2) std::this_thread::yield();
        go = true;
        go.notify_all();
    });
    workers.stop();
    release.join();
    EXPECT_EQ(expired, 2);
    EXPECT_FALSE(workers.submit(job([] { FAIL(); }, [] { FAIL(); })));
}

}  // namespace
}  // namespace skald::http
