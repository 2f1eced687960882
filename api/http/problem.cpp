#include "api/http/problem.h"

#include <algorithm>
#include <boost/describe.hpp>

#include "api/json/write.h"

namespace skald::json {
BOOST_DESCRIBE_STRUCT(Issue, (), (pointer, code, message))
}

namespace skald::http {
namespace {

// A code as a headline: "not_enough_stock" is "Not enough stock".
std::string title_of(const std::string& code) {
    std::string title = code;
    for (char& c : title) {
        if (c == '_') c = ' ';
    }
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') {
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
    }
    return title;
}

std::string summary(const json::Issues& errors) {
    if (errors.size() == 1) {
        const auto& issue = errors[0];
        return issue.pointer.empty() ? issue.message : issue.pointer + " " + issue.message;
    }
    return std::to_string(errors.size()) + " problems; each is listed under errors";
}

}  // namespace

Problem invalid(json::Issues errors) {
    // What is wrong with the document as a whole names the problem itself.
    const bool whole = errors.size() == 1 && errors[0].code == "malformed_json";
    std::string detail = summary(errors);
    return {400, whole ? "malformed_json" : "invalid_request", std::move(detail),
            std::move(errors)};
}

Problem bad_request(std::string code, std::string detail) {
    return {400, std::move(code), std::move(detail)};
}

Problem not_found(std::string detail) { return {404, "not_found", std::move(detail)}; }

Problem conflict(std::string code, std::string detail, std::string pointer) {
    Problem problem{409, code, detail};
    if (!pointer.empty()) {
        problem.errors.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }
    return problem;
}

Problem precondition_failed(std::string detail) {
    return {412, "precondition_failed", std::move(detail)};
}

Problem unavailable(std::string code, std::string detail, std::chrono::seconds retry_after) {
    Problem problem{503, std::move(code), std::move(detail)};
    problem.retryable = true;
    problem.retry_after = retry_after;
    return problem;
}

Problem outcome_unknown(const Request& request, std::string_view command) {
    const std::string where =
        command.empty() ? "" : "GET /v1/commands/" + std::string(command) + " tells ";
    std::string detail = "There was no answer in time: it may or may not have happened.";
    if (request.header("Idempotency-Key")) {
        detail += " Sending it again with the same Idempotency-Key settles it";
        if (!where.empty()) detail += "; " + where + "once it was recorded";
        return unavailable("outcome_unknown", detail + ".");
    }
    detail += " Sent again it could happen twice, as it has no Idempotency-Key.";
    if (!where.empty()) detail += " " + where + "what became of it, once that was recorded.";
    return {503, "outcome_unknown", std::move(detail)};
}

void Problems::add(Problem problem, std::string_view pointer) {
    problems_.emplace_back(std::move(problem), pointer);
}

std::optional<Problem> Problems::joined() const {
    if (problems_.empty()) return std::nullopt;
    json::Issues errors;
    for (const auto& [problem, pointer] : problems_) {
        if (problem.status != 400) continue;
        if (problem.errors.empty()) errors.push_back({pointer, problem.code, problem.detail});
        errors.insert(errors.end(), problem.errors.begin(), problem.errors.end());
    }
    const auto first =
        std::ranges::find(problems_, 400, [](const auto& p) { return p.first.status; });
    if (first == problems_.end()) return problems_.front().first;
    const bool alone =
        std::ranges::count(problems_, 400, [](const auto& p) { return p.first.status; }) == 1;
    return alone ? first->first : invalid(std::move(errors));
}

Problem internal_error() {
    return {500, "internal_error",
            "the server failed at this request; the trace_id finds it in the log"};
}

std::string_view reason_of(int status) {
    static const std::map<int, std::string_view> reasons{
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    const auto found = reasons.find(status);
    return found == reasons.end() ? "Status" : found->second;
}

Response to_response(const Problem& problem, const TraceContext& trace) {
    std::string body = R"({"type":)";
    json::write(body, "urn:skald:problem:" + problem.code);
    body += R"(,"title":)";
    json::write(body, title_of(problem.code));
    body += R"(,"status":)";
    json::write(body, problem.status);
    body += R"(,"detail":)";
    json::write(body, problem.detail);
    body += R"(,"code":)";
    json::write(body, problem.code);
    body += R"(,"errors":)";
    json::write(body, problem.errors);
    body += R"(,"trace_id":)";
    json::write(body, trace.trace_id);
    body += R"(,"retryable":)";
    json::write(body, problem.retryable);
    body += '}';
    Response response{problem.status, problem.headers, std::move(body)};
    response.with("Content-Type", "application/problem+json");
    if (problem.retry_after) {
        response.with("Retry-After", std::to_string(problem.retry_after->count()));
    }
    return response;
}

}  // namespace skald::http
