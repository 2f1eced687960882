// Refusals as RFC 9457 writes them: application/problem+json with type, title, status, detail,
// code, errors[{pointer, code, message}], trace_id, retryable.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "api/http/message.h"
#include "api/json/value.h"
#include "domain/kernel/result.h"

namespace skald::http {

// `code` is stable and for programs, `detail` for people. In `errors`, a pointer speaks of the body
// ("/lines/0/sku"); what is wrong with a query parameter, path parameter or header has the pointer
// "/query/<name>", "/path/<name>" or "/header/<name>".
struct Problem {
    int status = 500;
    std::string code;
    std::string detail;
    json::Issues errors = {};
    bool retryable = false;
    std::optional<std::chrono::seconds> retry_after = std::nullopt;
    Pairs headers = {};
    // Of a blocking handler: it is to be called again until then, before this is the answer. Its
    // thread is free meanwhile.
    std::optional<Clock::time_point> again_until = std::nullopt;
};

// 400: everything that is wrong at once.
Problem invalid(json::Issues errors);
Problem bad_request(std::string code, std::string detail);
Problem not_found(std::string detail);
// 409: the present state stands against it.
Problem conflict(std::string code, std::string detail, std::string pointer = {});
Problem precondition_failed(std::string detail);
// 503, retryable, with Retry-After.
Problem unavailable(std::string code, std::string detail,
                    std::chrono::seconds retry_after = std::chrono::seconds(1));
// 503: whatever was asked for may or may not have happened. `request` had an Idempotency-Key: sent
// again, that settles it; else it could happen twice. `command` is its id, or empty.
Problem outcome_unknown(const Request& request, std::string_view command);
Problem internal_error();

// Several problems of one request as one: one stays as it is, of more all that are 400 become one
// list of errors.
class Problems {
  public:
    // `pointer`: what the problem is about, if it does not say itself.
    void add(Problem problem, std::string_view pointer);
    // Takes the value, or adds the error and gives a default.
    template <class T>
    T take(Result<T, Problem> result, std::string_view pointer) {
        if (result) return std::move(*result);
        add(std::move(result.error()), pointer);
        return T{};
    }
    std::optional<Problem> joined() const;

  private:
    std::vector<std::pair<Problem, std::string>> problems_;
};

// The reason phrase of a status: "Not Found".
std::string_view reason_of(int status);

Response to_response(const Problem& problem, const TraceContext& trace);

}  // namespace skald::http
