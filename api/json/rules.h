// What a field of a request may hold, stated once per field: the same rule checks requests and is
// printed in openapi.json. A DTO gets its rules from a function beside it:
//
//   inline json::Rules rules_for(json::Tag<CreateProduct>) {
//       return {{"sku", json::sku()}, {"title", json::text(1, 200)}, {"price", json::money(1)}};
//   }
//
// Fields without a rule get the defaults of Rule. Rules are immutable once made.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skald::json {

template <class T>
struct Tag {};

// The form a text must have.
enum class Form {
    any,        // any characters but control characters
    sku,        // A-Z a-z 0-9 _ -
    id,         // A-Z a-z 0-9 _ . -
    code,       // a-z 0-9 _ -
    currency,   // three of A-Z
    email,      // local@domain, ASCII
    date,       // 2024-05-01
    date_time,  // RFC 3339, or a plain date meaning its midnight UTC
    uuid
};

// Limits of one field. Lengths count characters of texts and items of lists; min and max bound
// integers and the amount of a Money.
struct Rule {
    Form form = Form::any;
    std::size_t length_min = 0;
    std::size_t length_max = 1000;
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::vector<std::string> choices;  // of a text; empty: any
    std::string unique_by;             // of a list: the member that may not occur twice
    std::string description;           // for openapi.json

    Rule about(std::string text) const;
    Rule unique(std::string member) const;
};

using Rules = std::vector<std::pair<std::string_view, Rule>>;

Rule text(std::size_t length_min, std::size_t length_max, Form form = Form::any);
Rule integer(std::int64_t min, std::int64_t max);
// The amount in minor units.
Rule money(std::int64_t min, std::int64_t max = std::numeric_limits<std::int64_t>::max());
Rule list(std::size_t items_min, std::size_t items_max);
Rule sku();    // 1 to 64 of A-Z a-z 0-9 _ -
Rule id();     // 1 to 128 of A-Z a-z 0-9 _ . -
Rule email();  // 3 to 254 characters
Rule one_of(std::vector<std::string> choices);

// What a text breaks: a code and a sentence.
struct Broken {
    std::string code;
    std::string message;
};
std::optional<Broken> check_text(const Rule& rule, std::string_view text);
std::optional<Broken> check_integer(const Rule& rule, std::int64_t number);
std::optional<Broken> check_length(const Rule& rule, std::size_t items);

// The regular expression of a form, for openapi.json; empty where it has none.
std::string_view pattern_of(Form form);

}  // namespace skald::json
