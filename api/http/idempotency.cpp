#include "api/http/idempotency.h"

#include <algorithm>

#include "api/http/hash.h"
#include "api/json/parse.h"

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

}  // namespace

Result<CommandKey, Problem> command_key(const Request& request, const json::Value& body) {
    CommandKey command;
    command.fingerprint = fingerprint_of(request, body);
    const auto key = request.header("Idempotency-Key");
    if (!key) {
        command.id = eventstore::fresh_command_id();
        return command;
    }
    if (const auto wrong = what_is_wrong(request, *key)) {
        return unexpected(
            invalid({{"/header/Idempotency-Key", "bad_format", std::string(*wrong)}}));
    }
    command.from_outside = true;
    command.id =
        eventstore::derived_command_id({request.principal, request.method, request.path, *key});
    return command;
}

}  // namespace skald::http
