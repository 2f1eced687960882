// The consistency token: which store, which era, and up to which position of each partition
// somebody has seen. Opaque to clients: base64url of a format byte, the store's id, and varints.
#pragma once

#include <string>
#include <string_view>

#include "api/http/problem.h"
#include "domain/kernel/result.h"
#include "eventstore/log.h"

namespace skald::http {

// `heads` has one position per partition of the store.
struct Token {
    eventstore::Uuid store;
    eventstore::Era era{1};
    eventstore::Heads heads;

    // The token of a store from which nothing has been seen yet.
    static Token nothing_of(const eventstore::StoreInfo& store);
    std::string encode() const;
    // The later of both in each partition.
    void merge(const Token& other);
    void merge(const std::vector<std::pair<eventstore::Partition, eventstore::Position>>& heads);
    friend bool operator==(const Token&, const Token&) = default;
};

// 400 with code token_malformed, token_of_other_store or token_of_other_era.
Result<Token, Problem> decode_token(std::string_view text, const eventstore::StoreInfo& store);

// The Skald-Token header or ?token= (both: merged), if there is one.
Result<std::optional<Token>, Problem> token_of(const Request& request,
                                               const eventstore::StoreInfo& store);

}  // namespace skald::http
