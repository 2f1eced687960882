// For tests: requests made by hand, and what went wrong as one line.
#pragma once

#include <string>

#include "api/http/problem.h"
#include "api/http/request_checks.h"

namespace skald::http {

// A request as the dispatcher would hand it on; the target must be good.
inline Request request_of(std::string method, const std::string& target, Pairs headers = {},
                          std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.headers = std::move(headers);
    request.body = std::move(body);
    if (take_target(request, target)) std::abort();
    return request;
}

// "400 invalid_request /query/limit:too_large ..."
inline std::string summary(const Problem& problem) {
    std::string text = std::to_string(problem.status) + " " + problem.code;
    for (const auto& issue : problem.errors) text += " " + issue.pointer + ":" + issue.code;
    return text;
}

template <class T>
std::string summary(const Result<T, Problem>& result) {
    return result ? "" : summary(result.error());
}

}  // namespace skald::http
