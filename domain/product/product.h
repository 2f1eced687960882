// A product of the catalogue: what it is called, where it belongs, what it costs. Stream
// `product-<sku>`. Pure functions.
#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <variant>

#include "domain/kernel/decision.h"
#include "domain/kernel/ids.h"
#include "domain/kernel/money.h"

namespace skald::product {

using kernel::Money;
using kernel::Sku;

// Facts. Names and fields are stored for ever; schemas/product/v*/product.proto is their wire form.
struct Created {
    Sku sku;
    std::string title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    Money price;        // its currency is the product's for ever
    bool ships = true;  // or there is nothing to carry: a download, a service
    bool operator==(const Created&) const = default;
};
struct Described {  // holds what changed, and only that
    std::optional<std::string> title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    bool operator==(const Described&) const = default;
};
struct PriceSet {
    Money price;
    bool operator==(const PriceSet&) const = default;
};
struct ShippingSet {
    bool ships = true;
    bool operator==(const ShippingSet&) const = default;
};
struct Archived {
    bool operator==(const Archived&) const = default;
};
using Event = std::variant<Created, Described, PriceSet, ShippingSet, Archived>;

struct Create {
    Sku sku;
    std::string title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    Money price;
    bool ships = true;
};
struct Describe {  // what is absent stays as it is
    std::optional<std::string> title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
};
struct SetPrice {
    Money price;
};
struct SetShipping {  // of orders placed from now on; placed ones keep what was frozen in them
    bool ships = true;
};
struct Change {  // Describe, SetPrice and SetShipping as one: all happen or none
    Describe description;
    std::optional<Money> price;
    std::optional<bool> ships = std::nullopt;
};
struct Archive {};
using Command = std::variant<Create, Describe, SetPrice, SetShipping, Change, Archive>;

// Checked in this order. A label is a department, category or brand.
BOOST_DEFINE_ENUM_CLASS(Refusal, already_exists, not_found, archived, sku_invalid, title_empty,
                        title_too_long, label_empty, label_too_long, text_invalid,
                        price_not_positive, currency_mismatch)

struct State {
    bool exists = false;
    bool archived = false;
    Sku sku;
    std::string title;
    std::optional<std::string> department;
    std::optional<std::string> category;
    std::optional<std::string> brand;
    Money price;
    bool ships = true;
    bool operator==(const State&) const = default;
};

using Decision = kernel::Decision<Event, Refusal>;
Decision decide(const State& state, const Command& command);
// Throws kernel::ImpossibleEvent if the event cannot follow on this state.
void apply(State& state, const Event& event);
State evolve(State state, const Event& event);

}  // namespace skald::product
