// The names of things. Each kind is a type of its own; all share one alphabet, which is safe in
// stream names, paths and keys.
#pragma once

#include <algorithm>
#include <cstdint>
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
using CartId = Named<std::string, struct CartIdTag>;
using ReturnId = Named<std::string, struct ReturnIdTag>;  // of goods that came back to an order
using RefundId = Named<std::string, struct RefundIdTag>;
// Of an order's n-th payment or shipment: `<order id>.<n>`, n counted from 1. Their streams share
// the order's partition.
using PaymentId = Named<std::string, struct PaymentIdTag>;
using ShipmentId = Named<std::string, struct ShipmentIdTag>;

inline constexpr std::size_t id_bytes_max = 64;

// [A-Za-z0-9_-]{1,64}: what every id above must match, but for those with a number. An id that was
// never checked is refused by the aggregates.
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

// An order's id, a dot, and 1 to 999999.
constexpr bool is_numbered_id(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || !is_id(text.substr(0, dot))) return false;
    const auto number = text.substr(dot + 1);
    return !number.empty() && number.size() <= 6 && number.front() != '0' &&
           std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
}
inline bool is_id(const PaymentId& id) { return is_numbered_id(id.value()); }
inline bool is_id(const ShipmentId& id) { return is_numbered_id(id.value()); }

// PaymentId or ShipmentId: the order's n-th.
template <class Id>
Id numbered_id(const OrderId& order, std::int32_t n) {
    return Id(order.value() + "." + std::to_string(n));
}
// Whose n-th it is.
template <class Id>
OrderId order_of(const Id& numbered) {
    return OrderId(numbered.value().substr(0, numbered.value().find('.')));
}

// The id that `text` is, or nothing if it breaks the rule above: for what comes from outside.
template <class Id>
std::optional<Id> parse_id(std::string text) {
    Id id(std::move(text));
    if (!is_id(id)) return std::nullopt;
    return id;
}

}  // namespace skald::kernel
