#include "api/http/request_checks.h"

#include <algorithm>

#include "api/http/encoding.h"
#include "api/json/parse.h"

namespace skald::http {
namespace {

std::size_t count(const Pairs& headers, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count_if(
        headers, [&](const auto& pair) { return equals_ignoring_case(pair.first, name); }));
}

std::optional<Problem> take_query(Request& request, std::string_view query) {
    json::Issues issues;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto part = query.substr(0, end);
        query = end == std::string_view::npos ? "" : query.substr(end + 1);
        if (part.empty()) continue;
        const auto equals = part.find('=');
        auto name = percent_decode(part.substr(0, equals), true);
        if (!name) {
            issues.push_back({"/query", "malformed_query", "a parameter's name " + name.error()});
            continue;
        }
        auto value =
            percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
        if (!value) {
            issues.push_back(
                {"/query/" + json::pointer_token(*name), "malformed_query", value.error()});
            continue;
        }
        request.query.emplace_back(std::move(*name), std::move(*value));
        if (request.query.size() > query_parameters_max) {
            issues.push_back({"/query", "too_many", "has more than 100 parameters"});
            break;
        }
    }
    if (issues.empty()) return std::nullopt;
    return invalid(std::move(issues));
}

// "application/json", with charset=utf-8 or without.
bool is_json(std::string_view content_type, bool patch) {
    const auto semicolon = content_type.find(';');
    const auto type = trim(content_type.substr(0, semicolon));
    const bool named = equals_ignoring_case(type, "application/json") ||
                       (patch && equals_ignoring_case(type, "application/merge-patch+json"));
    if (!named || semicolon == std::string_view::npos) return named;
    const auto parameter = trim(content_type.substr(semicolon + 1));
    return equals_ignoring_case(parameter, "charset=utf-8") ||
           equals_ignoring_case(parameter, "charset=\"utf-8\"");
}

}  // namespace

std::optional<Problem> take_target(Request& request, std::string_view target) {
    if (target.size() > target_bytes_max) {
        return Problem{414, "target_too_long", "the request target is longer than 8192 bytes"};
    }
    constexpr std::string_view scheme = "http://";
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
        target.remove_prefix(scheme.size());
        const auto end = target.find_first_of("/?");
        target = end == std::string_view::npos ? "/" : target.substr(end);
    }
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (request.path.empty() || request.path.front() != '/') {
        return bad_request("malformed_path", "the request target must begin with /");
    }
    if (target.find('#') != std::string_view::npos) {
        return bad_request("malformed_path", "a request target has no #fragment");
    }
    if (question == std::string_view::npos) return std::nullopt;
    return take_query(request, target.substr(question + 1));
}

std::optional<Problem> check_body(const Request& request, bool takes_body) {
    const auto coding = request.header("Content-Encoding");
    if (coding && !equals_ignoring_case(*coding, "identity")) {
        return Problem{415, "unsupported_encoding", "the body must not be encoded"};
    }
    if (request.body.empty()) return std::nullopt;
    if (!takes_body) return bad_request("body_not_expected", "this request takes no body");
    const auto type = request.header("Content-Type");
    if (!type || request.count_headers("Content-Type") > 1 ||
        !is_json(*type, request.method == "PATCH")) {
        return Problem{415, "unsupported_media_type",
                       "the body must be application/json, and Content-Type must say so"};
    }
    return std::nullopt;
}

std::optional<Problem> check_framing(const Pairs& headers, bool http_1_0) {
    const auto hosts = count(headers, "Host");
    if (hosts > 1 || (hosts == 0 && !http_1_0)) {
        return bad_request("malformed_request", "there must be one Host header");
    }
    const auto codings = count(headers, "Transfer-Encoding");
    const auto lengths = count(headers, "Content-Length");
    if (lengths > 1) return bad_request("malformed_request", "Content-Length occurs twice");
    for (const auto& [name, value] : headers) {
        if (!equals_ignoring_case(name, "Content-Length")) continue;
        const auto digits = trim(value);  // a list of equal lengths would be legal, and is no use
        if (!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos) {
            continue;
        }
        return bad_request("malformed_request", "Content-Length must be one number");
    }
    if (codings == 0) return std::nullopt;
    if (lengths > 0 || http_1_0 || codings > 1) {
        return bad_request("malformed_request",
                           "Transfer-Encoding must stand alone: once, without Content-Length, in "
                           "HTTP/1.1");
    }
    for (const auto& [name, value] : headers) {
        if (!equals_ignoring_case(name, "Transfer-Encoding")) continue;
        if (!equals_ignoring_case(trim(value), "chunked")) {
            return Problem{501, "unsupported_transfer_encoding",
                           "the only transfer coding taken is chunked"};
        }
    }
    return std::nullopt;
}

}  // namespace skald::http
