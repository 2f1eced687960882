// Requests and answers as handlers see them: plain values, nothing of the wire.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/trace.h"
#include "domain/kernel/result.h"

namespace skald::http {

using Clock = std::chrono::steady_clock;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// Immutable once a handler has handed it on.
struct Request {
    std::string method;     // upper case as sent
    std::string path;       // as sent, without the query
    std::string route;      // the template that matched: "/v1/products/{sku}"
    Pairs path_parameters;  // percent-decoded, valid UTF-8, no NUL
    Pairs query;            // the same, in order, duplicates kept
    Pairs headers;          // in order, duplicates kept
    std::string body;
    std::shared_ptr<const void> body_room;  // what the body takes of the server's room for bodies
    TraceContext trace;
    // Makes headers that the answer carries even if it is not the handler's: a command's id and
    // token.
    std::function<Pairs()> answer_headers;
    std::string principal = "anonymous";
    Clock::time_point begun = Clock::now();
    Clock::time_point deadline;  // work on it is pointless afterwards

    // A parameter of the route's template. One that the template does not have is a bug.
    const std::string& parameter(std::string_view name) const;
    // The first header of that name, in any case.
    std::optional<std::string_view> header(std::string_view name) const;
    std::size_t count_headers(std::string_view name) const;
    // The first query parameter of that name.
    std::optional<std::string_view> query_value(std::string_view name) const;
    // Once what it says is read: the memory is free for other requests.
    void drop_body();
};

// Names the command that a request was, in its answer.
inline constexpr std::string_view command_header = "Skald-Command";

struct Awaited;

struct Response {
    int status = 200;
    Pairs headers;
    std::string body;
    // A handler's answer that is to wait: this one is sent only if the wait comes to nothing.
    std::shared_ptr<const Awaited> awaited = nullptr;

    // Adds a header and returns the response, to be used on one being made.
    Response& with(std::string name, std::string value) &;
    Response&& with(std::string name, std::string value) &&;
};

enum class NotYet { ask_again, give_up };

// A better answer that there may be soon. `ask` is called on a worker thread that is free
// meanwhile, again and again, less and less often, until it gives an answer or up, or `until` has
// come; it must not block for long. What it throws is logged, and ends the wait.
struct Awaited {
    std::function<Result<Response, NotYet>(const Request&)> ask;
    Clock::time_point until;
};

// May be called from any thread, exactly once. A copy that is dropped by all without a call answers
// 500.
using Respond = std::function<void(Response)>;
// Runs on an IO thread and must not block: it hands the work on and returns.
using Handler = std::function<void(std::shared_ptr<Request>, Respond)>;

bool equals_ignoring_case(std::string_view a, std::string_view b);
// Without the blanks and tabs around it: what HTTP calls optional whitespace.
std::string_view trim(std::string_view text);

// `status` with a body of JSON text (json::to_text).
Response json_response(int status, std::string body);

}  // namespace skald::http
