#include "api/http/idempotency.h"

#include <algorithm>

#include "api/http/encoding.h"
#include "api/http/hash.h"
#include "api/json/parse.h"
#include "domain/kernel/invariant.h"

namespace skald::http {
namespace {

constexpr std::size_t key_length_max = 255;

std::optional<std::string_view> what_is_wrong(const Request& request, std::string_view key) {
    if (request.count_headers("Idempotency-Key") > 1) return "occurs twice";
    if (key.empty() || key.size() > key_length_max) return "must have 1 to 255 characters";
    if (!std::ranges::all_of(key, [](char c) { return c >= ' ' && c < 0x7f; })) {
        return "must consist of printable ASCII characters";
    }
    return std::nullopt;
}

eventstore::Fingerprint fingerprint_of(const Request& request, const json::Value& body) {
    const auto content = body.is_null() ? std::string() : json::canonical(body);
    std::string text = std::to_string(content.size()) + ":" + content;
    for (const auto& [name, value] : request.headers) {
        if (equals_ignoring_case(name, "If-Match")) text += "\n" + value;
    }
    eventstore::Fingerprint fingerprint{};
    std::copy_n(sha256(text).begin(), fingerprint.size(), fingerprint.begin());
    return fingerprint;
}

// The path in one way of writing it: a segment that needs no percent-encoding has none.
std::string canonical_path(const Request& request) {
    if (request.route.empty()) return request.path;
    std::string path;
    std::size_t from = 0;
    for (const auto& [name, value] : request.path_parameters) {
        const auto at = request.route.find('{' + name + '}', from);
        INVARIANT(at != std::string::npos);
        path += request.route.substr(from, at - from) + percent_encode(value);
        from = at + name.size() + 2;
    }
    return path + request.route.substr(from);
}

}  // namespace

eventstore::CommandId command_id(const Request& request) {
    const auto key = request.header("Idempotency-Key");
    if (!key || what_is_wrong(request, *key)) return eventstore::fresh_command_id();
    return eventstore::derived_command_id(
        {request.principal, request.method, canonical_path(request), *key});
}

Result<CommandKey, Problem> command_key(const Request& request, const json::Value& body) {
    CommandKey command;
    command.fingerprint = fingerprint_of(request, body);
    const auto key = request.header("Idempotency-Key");
    const auto wrong = key ? what_is_wrong(request, *key) : std::nullopt;
    if (wrong) {
        return unexpected(
            invalid({{"/header/Idempotency-Key", "bad_format", std::string(*wrong)}}));
    }
    command.from_outside = key.has_value();
    command.id = command_id(request);
    return command;
}

}  // namespace skald::http
