#include "api/http/page_cursor.h"

#include "api/http/encoding.h"
#include "api/http/hash.h"
#include "domain/kernel/invariant.h"

namespace skald::http {
namespace {

constexpr char format = 1;
constexpr std::size_t mac_bytes = 16;
constexpr std::size_t scope_bytes = 8;
constexpr std::size_t text_max = 8192;

std::string scope_mark(std::string_view scope) { return sha256(scope).substr(0, scope_bytes); }

Problem invalid_cursor() {
    return bad_request("cursor_invalid", "the cursor is not one that this API gave out");
}

// The keys at the end of a payload whose signature is good.
std::vector<std::string> take_keys(std::string_view rest) {
    std::vector<std::string> keys;
    while (!rest.empty()) {
        const auto size = take_varint(rest);
        INVARIANT(size && static_cast<std::size_t>(*size) <= rest.size());
        keys.emplace_back(rest.substr(0, static_cast<std::size_t>(*size)));
        rest.remove_prefix(static_cast<std::size_t>(*size));
    }
    return keys;
}

}  // namespace

CursorCodec::CursorCodec(std::string secret) : secret_(std::move(secret)) {
    INVARIANT(secret_.size() >= 16);
}

std::string CursorCodec::encode(const Cursor& cursor, std::string_view scope) const {
    std::string payload(1, format);
    payload += cursor.direction == Direction::forward ? 'f' : 'b';
    payload += scope_mark(scope);
    for (const auto& key : cursor.keys) {
        put_varint(payload, static_cast<std::int64_t>(key.size()));
        payload += key;
    }
    return base64url(payload + hmac_sha256(secret_, payload).substr(0, mac_bytes));
}

Result<Cursor, Problem> CursorCodec::decode(std::string_view text, std::string_view scope) const {
    const auto bytes = text.size() > text_max ? std::nullopt : from_base64url(text);
    if (!bytes || bytes->size() < 2 + scope_bytes + mac_bytes) return unexpected(invalid_cursor());
    const std::string_view all = *bytes;
    const auto payload = all.substr(0, all.size() - mac_bytes);
    const auto mac = hmac_sha256(secret_, payload).substr(0, mac_bytes);
    if (!equal_in_constant_time(mac, all.substr(payload.size()))) {
        return unexpected(invalid_cursor());
    }
    if (payload[0] != format) return unexpected(invalid_cursor());  // signed by another version
    if (payload.substr(2, scope_bytes) != scope_mark(scope)) {
        return unexpected(
            bad_request("cursor_of_other_list", "the cursor is of another list, order or filter"));
    }
    return Cursor{payload[1] == 'f' ? Direction::forward : Direction::backward,
                  take_keys(payload.substr(2 + scope_bytes))};
}

}  // namespace skald::http
