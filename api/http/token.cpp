#include "api/http/token.h"

#include <algorithm>

#include "api/http/encoding.h"
#include "domain/kernel/invariant.h"

namespace skald::http {
namespace {

constexpr char format = 1;
constexpr std::size_t store_bytes = 8;  // of the store's id; random enough to tell stores apart
constexpr std::size_t text_max = 8192;

std::string store_mark(const eventstore::Uuid& store) {
    return std::string(store.begin(), store.begin() + store_bytes);
}

Problem malformed() {
    return bad_request("token_malformed", "the token is not one that this API gave out");
}

}  // namespace

Token Token::nothing_of(const eventstore::StoreInfo& store) {
    Token token{store.id, store.era, {}};
    token.heads.resize(static_cast<std::size_t>(store.partitions));
    return token;
}

std::string Token::encode() const {
    std::string bytes(1, format);
    bytes += store_mark(store);
    put_varint(bytes, era.value());
    put_varint(bytes, static_cast<std::int64_t>(heads.size()));
    for (const auto& head : heads) put_varint(bytes, head.value());
    return base64url(bytes);
}

void Token::merge(const Token& other) {
    INVARIANT(store == other.store && era == other.era && heads.size() == other.heads.size());
    for (std::size_t i = 0; i < heads.size(); ++i) heads[i] = std::max(heads[i], other.heads[i]);
}

void Token::merge(const std::vector<std::pair<eventstore::Partition, eventstore::Position>>& seen) {
    for (const auto& [partition, position] : seen) {
        auto& head = heads.at(static_cast<std::size_t>(partition.value()));
        head = std::max(head, position);
    }
}

Result<Token, Problem> decode_token(std::string_view text, const eventstore::StoreInfo& store) {
    const auto bytes = text.size() > text_max ? std::nullopt : from_base64url(text);
    if (!bytes || bytes->size() < 1 + store_bytes || bytes->front() != format) {
        return unexpected(malformed());
    }
    std::string_view rest = std::string_view(*bytes).substr(1);
    const auto mark = rest.substr(0, store_bytes);
    rest.remove_prefix(store_bytes);
    const auto era = take_varint(rest);
    const auto count = take_varint(rest);
    if (!era || *era < 1 || !count || *count > static_cast<std::int64_t>(rest.size())) {
        return unexpected(malformed());
    }
    Token token{store.id, eventstore::Era(*era), {}};
    for (std::int64_t i = 0; i < *count; ++i) {
        const auto head = take_varint(rest);
        if (!head) return unexpected(malformed());
        token.heads.emplace_back(*head);
    }
    if (!rest.empty()) return unexpected(malformed());
    if (mark != store_mark(store.id)) {
        return unexpected(bad_request("token_of_other_store", "the token is of another store"));
    }
    if (token.era != store.era) {
        return unexpected(bad_request("token_of_other_era",
                                      "the token is of another era: the store was restored since; "
                                      "read again without it"));
    }
    if (*count != store.partitions) return unexpected(malformed());
    return token;
}

Result<std::optional<Token>, Problem> token_of(const Request& request,
                                               const eventstore::StoreInfo& store) {
    std::optional<Token> merged;
    const auto take = [&](std::string_view text) -> std::optional<Problem> {
        auto token = decode_token(text, store);
        if (!token) return token.error();
        if (merged) {
            merged->merge(*token);
        } else {
            merged = std::move(*token);
        }
        return std::nullopt;
    };
    for (const auto& [name, value] : request.headers) {
        if (!equals_ignoring_case(name, "Skald-Token")) continue;
        if (auto problem = take(value)) return unexpected(std::move(*problem));
    }
    for (const auto& [name, value] : request.query) {
        if (name != "token") continue;
        if (auto problem = take(value)) return unexpected(std::move(*problem));
    }
    return merged;
}

}  // namespace skald::http
