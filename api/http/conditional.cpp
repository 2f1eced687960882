#include "api/http/conditional.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "api/http/encoding.h"
#include "api/http/hash.h"

namespace skald::http {
namespace {

struct EntityTag {
    bool weak = false;
    std::string opaque;
};

// The tags of a list as RFC 9110 writes it: W/"a", "b". Nothing when it is malformed.
std::optional<std::vector<EntityTag>> parse_tags(std::string_view text) {
    std::vector<EntityTag> tags;
    text = trim(text);
    while (!text.empty()) {
        EntityTag tag;
        if (text.starts_with("W/")) {
            tag.weak = true;
            text.remove_prefix(2);
        }
        if (text.empty() || text.front() != '"') return std::nullopt;
        const auto end = text.find('"', 1);
        if (end == std::string_view::npos) return std::nullopt;
        tag.opaque = text.substr(1, end - 1);
        tags.push_back(std::move(tag));
        text = trim(text.substr(end + 1));
        if (text.empty()) return tags;
        if (text.front() != ',') return std::nullopt;
        text = trim(text.substr(1));
        if (text.empty()) return std::nullopt;
    }
    return std::nullopt;
}

// All headers of that name as one list.
std::optional<std::string> joined(const Request& request, std::string_view name) {
    std::optional<std::string> text;
    for (const auto& [key, value] : request.headers) {
        if (!equals_ignoring_case(key, name)) continue;
        text = text ? *text + ", " + value : value;
    }
    return text;
}

std::optional<eventstore::Version> version_of(const std::string& opaque) {
    std::int64_t number = 0;
    const char* end = opaque.data() + opaque.size();
    const auto parsed = std::from_chars(opaque.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number < 0) return std::nullopt;
    if (std::to_string(number) != opaque) return std::nullopt;
    return eventstore::Version(number);
}

constexpr std::size_t digest_bytes = 9;  // enough, as nobody gains by making two alike
constexpr std::size_t digest_length = digest_bytes * 4 / 3;

bool is_digest(std::string_view text) {
    return text.size() == digest_length && std::ranges::all_of(text, [](unsigned char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '-' || c == '_';
           });
}

Problem malformed(const std::string& name) {
    Problem problem = bad_request("invalid_request", name + R"( must be * or ETags such as "7")");
    problem.errors.push_back(
        {"/header/" + name, "bad_format", R"(must be * or ETags such as "7")"});
    return problem;
}

}  // namespace

std::string etag(eventstore::Version version) {
    return '"' + std::to_string(version.value()) + '"';
}

std::string etag(eventstore::Version version, std::string_view shown) {
    return '"' + std::to_string(version.value()) + '.' +
           base64url(sha256(shown).substr(0, digest_bytes)) + '"';
}

Result<bool, Problem> is_unchanged(const Request& request, std::string_view present) {
    const auto text = joined(request, "If-None-Match");
    if (!text) return false;
    if (trim(*text) == "*") return true;
    const auto tags = parse_tags(*text);
    if (!tags) return unexpected(malformed("If-None-Match"));
    for (const auto& tag : *tags) {  // compared weakly (RFC 9110, 13.1.2)
        if ('"' + tag.opaque + '"' == present) return true;
    }
    return false;
}

Response not_modified(std::string etag) {
    Response response{304, {}, {}};
    response.with("ETag", std::move(etag));
    return response;
}

Result<IfMatch, Problem> if_match(const Request& request) {
    const auto text = joined(request, "If-Match");
    if (!text) return IfMatch{};
    if (trim(*text) == "*") return IfMatch{.exists = true, .version = std::nullopt};
    const auto tags = parse_tags(*text);
    if (!tags) return unexpected(malformed("If-Match"));
    if (tags->size() > 1) {
        return unexpected(bad_request("invalid_request", "If-Match takes one ETag here"));
    }
    const auto& opaque = tags->front().opaque;
    const auto dot = opaque.find('.');
    const bool with_digest = dot != std::string::npos;
    const auto version = version_of(opaque.substr(0, dot));
    const bool ours = version && (!with_digest || is_digest(opaque.substr(dot + 1)));
    if (tags->front().weak || !ours) {  // compared strongly (RFC 9110, 13.1.1)
        return unexpected(
            precondition_failed("no version has this ETag: " + std::string(trim(*text))));
    }
    return IfMatch{false, version, with_digest};
}

}  // namespace skald::http
