// The names of things. Each kind is a type of its own; all share one alphabet, which is safe in
// stream names, paths and keys.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "domain/kernel/named_type.h"

namespace skald::kernel {

using Sku = Named<std::string, struct SkuTag>;
using AccountId = Named<std::string, struct AccountIdTag>;
using OrderId = Named<std::string, struct OrderIdTag>;
using HoldId = Named<std::string, struct HoldIdTag>;        // of a reservation: its command's id
using EmailHash = Named<std::string, struct EmailHashTag>;  // names an e-mail claim's stream

inline constexpr std::size_t id_bytes_max = 64;

// [A-Za-z0-9_-]{1,64}: what every id above must match. An id that was never checked is refused by
// the aggregates.
constexpr bool is_id(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= id_bytes_max && std::ranges::all_of(text, allowed);
}
template <class Tag>
bool is_id(const Named<std::string, Tag>& id) {
    return is_id(id.value());
}

// The id that `text` is, or nothing if it breaks the rule above: for what comes from outside.
template <class Id>
std::optional<Id> parse_id(std::string text) {
    if (!is_id(text)) return std::nullopt;
    return Id(std::move(text));
}

}  // namespace skald::kernel
