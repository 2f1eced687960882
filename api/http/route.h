// A route: what it answers, with what handler, and what openapi.json says of it. One table of
// routes does both.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "api/http/message.h"
#include "api/http/problem.h"
#include "api/json/schema.h"
#include "domain/kernel/result.h"

namespace skald::http {

// Runs on a worker thread and may block, until the request's deadline. May run more than once for
// a request: Problem::again_until.
using BlockingHandler = std::function<Result<Response, Problem>(const Request&)>;

// Answers together what came together, on a worker thread and without waiting: nothing for what it
// leaves to the next one, or, behind the last, to the BlockingHandler, which answers each alone. It
// leaves all when it throws.
using Answers = std::vector<std::optional<Result<Response, Problem>>>;
using TogetherHandler = std::function<Answers(std::span<const Request* const>)>;

struct ParameterDoc {
    std::string name;
    std::string in = "query";  // query, path or header
    std::string description;
    json::Schema schema = {{"type", "string"}};
    bool required = false;
};

struct AnswerDoc {
    int status = 200;
    std::string description;
    json::Shape body = {};  // json::shape<T>(), or none
};

struct RouteDoc {
    std::string tag;
    std::string summary;
    std::string description = {};
    std::vector<ParameterDoc> parameters = {};  // path parameters without one are added
    json::Shape body = {};                      // json::shape<T>(), or none: a body is refused
    std::vector<AnswerDoc> answers = {};        // problems every route may give are added
};

// A route takes a Handler (async: commands) or a BlockingHandler (queries).
struct Route {
    std::string method;
    std::string path;  // "/v1/products/{sku}"
    std::variant<Handler, BlockingHandler> handler;
    RouteDoc doc;
    std::chrono::milliseconds time_max{30'000};  // from the last byte of the request to the answer
    bool counts = true;  // against the server's limit of requests in flight (health does not)
    std::vector<TogetherHandler> together = {};  // before a BlockingHandler, one after the other
};

// The documentation that every command shares: Idempotency-Key, If-Match, Skald-Token and the
// problems of commands; to be appended to a route's own.
RouteDoc command_doc(RouteDoc doc);
// The same for every query: Skald-Token, ?token=, Skald-Wait.
RouteDoc query_doc(RouteDoc doc);
// The same for a query of one thing, which has an ETag: If-None-Match, and 304.
RouteDoc thing_doc(RouteDoc doc);

}  // namespace skald::http
