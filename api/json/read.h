// JSON to structs described with Boost.Describe, strictly: every problem of a document is found at
// once, and nothing is guessed. Unknown and missing fields, wrong types and broken rules (rules.h)
// are refused.
//
//   std::optional<T>  the field may be left out (null is refused)
//   json::Patch<T>    absent, null or a value
//   std::vector<T>    a list; integers are exact; described enumerations are their names
//   strong types      what they hold
//   json::Value       anything
//
// What one rule cannot say is checked by a function beside the struct, called when all fields are
// good by themselves: void check(const CreateOrder&, json::Findings&).
#pragma once

#include <string>
#include <string_view>

#include "api/json/parse.h"
#include "api/json/traits.h"
#include "api/json/value.h"
#include "domain/kernel/result.h"

namespace skald::json {

// The way from the document's root to a value; lives on the stack.
class Path {
  public:
    Path() = default;
    Path(const Path& parent, std::string_view key) : parent_(&parent), key_(key) {}
    Path(const Path& parent, std::size_t index)
        : parent_(&parent), index_(index), is_index_(true) {}
    std::string pointer() const;

  private:
    const Path* parent_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
    bool is_index_ = false;
};

// Collects problems, at most `issues_max`.
class Findings {
  public:
    explicit Findings(std::string prefix = {}) : prefix_(std::move(prefix)) {}
    // `pointer` is relative to the struct being checked: "/lines/0/sku".
    void add(std::string_view pointer, std::string code, std::string message);
    void add(const Path& path, std::string code, std::string message);
    bool empty() const { return issues_.empty(); }
    std::size_t size() const { return issues_.size(); }
    Issues take() { return std::move(issues_); }

  private:
    std::string prefix_;
    Issues issues_;
};

namespace detail {

// Each tells whether `out` was filled; if not, it added what is wrong.
bool read_text(const Path&, const Value&, const Rule&, std::string& out, Findings&);
bool read_integer(const Path&, const Value&, const Rule&, std::int64_t& out, Findings&);
bool read_bool(const Path&, const Value&, bool& out, Findings&);
bool read_choice(const Path&, const Value&, const std::vector<std::string>& names, std::size_t& out,
                 Findings&);
bool expect_list(const Path&, const Value&, const Rule&, Findings&);
bool expect_object(const Path&, const Value&, Findings&);
void check_unique(const Path&, const Value&, const Rule&, Findings&);
void missing(const Path&, Findings&);
void unknown_fields(const Path&, const Value&, const std::vector<std::string_view>& known,
                    Findings&);

template <class T>
void read_value(const Path& path, const Value& value, const Rule& rule, T& out, Findings& findings);

template <class T>
void read_record(const Path& path, const Value& value, const Rule& rule, T& out,
                 Findings& findings) {
    if (!expect_object(path, value, findings)) return;
    const auto before = findings.size();
    std::vector<std::string_view> known;
    boost::mp11::mp_for_each<MembersOf<T>>([&](auto member) {
        using Field = std::remove_cvref_t<decltype(out.*member.pointer)>;
        const std::string_view name = member.name;
        known.push_back(name);
        const Path here(path, name);
        const auto found = value.find(name);
        if (found == value.end()) {
            if constexpr (!is_optional<Field> && !is_patch<Field>) missing(here, findings);
            return;
        }
        Rule of_field = rule_for(rules_of<T>(), name);
        if (name == "amount") {  // a rule on a Money bounds its amount
            of_field.min = std::max(of_field.min, rule.min);
            of_field.max = std::min(of_field.max, rule.max);
        }
        read_value(here, *found, of_field, out.*member.pointer, findings);
    });
    unknown_fields(path, value, known, findings);
    if constexpr (requires { check(out, findings); }) {
        if (findings.size() != before) return;
        Findings of_record(path.pointer());
        check(out, of_record);
        for (auto& issue : of_record.take()) {
            findings.add(issue.pointer, std::move(issue.code), std::move(issue.message));
        }
    }
}

template <class T>
void read_list(const Path& path, const Value& value, const Rule& rule, std::vector<T>& out,
               Findings& findings) {
    if (!expect_list(path, value, rule, findings)) return;
    Rule of_item = rule;  // a list's form and choices are those of its items; its lengths are not
    of_item.length_min = 0;
    of_item.length_max = Rule{}.length_max;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        read_value(Path(path, i), value[i], of_item, out.emplace_back(), findings);
    }
    check_unique(path, value, rule, findings);
}

template <class T>
void read_value(const Path& path, const Value& value, const Rule& rule, T& out,
                Findings& findings) {
    if constexpr (std::is_same_v<T, Value>) {
        out = value;
    } else if constexpr (std::is_same_v<T, std::string>) {
        read_text(path, value, rule, out, findings);
    } else if constexpr (std::is_same_v<T, bool>) {
        read_bool(path, value, out, findings);
    } else if constexpr (std::is_integral_v<T>) {
        static_assert(std::is_signed_v<T>, "numbers of the API are signed");
        Rule bounded = rule;
        bounded.min = std::max<std::int64_t>(rule.min, std::numeric_limits<T>::min());
        bounded.max = std::min<std::int64_t>(rule.max, std::numeric_limits<T>::max());
        std::int64_t wide = 0;
        if (read_integer(path, value, bounded, wide, findings)) out = static_cast<T>(wide);
    } else if constexpr (is_choice<T>) {
        static const auto names = choices_of<T>();
        std::size_t chosen = 0;
        if (!read_choice(path, value, names, chosen, findings)) return;
        std::size_t i = 0;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
            if (i++ == chosen) out = enumerator.value;
        });
    } else if constexpr (is_named<T>) {
        typename T::value_type inner{};
        read_value(path, value, rule, inner, findings);
        out = T(std::move(inner));
    } else if constexpr (is_optional<T>) {
        read_value(path, value, rule, out.emplace(), findings);
    } else if constexpr (is_patch<T>) {
        if (value.is_null()) {
            out = T::null();
        } else {
            std::remove_cvref_t<decltype(out.value())> inner{};
            read_value(path, value, rule, inner, findings);
            out = T(std::move(inner));
        }
    } else if constexpr (is_list<T>) {
        read_list(path, value, rule, out, findings);
    } else {
        static_assert(is_record<T>, "describe the struct with BOOST_DESCRIBE_STRUCT");
        read_record(path, value, rule, out, findings);
    }
}

}  // namespace detail

// A T from a parsed value, or everything that is wrong with it.
template <class T>
Result<T, Issues> read(const Value& value) {
    T out{};
    Findings findings;
    detail::read_value(Path(), value, Rule{}, out, findings);
    if (!findings.empty()) return unexpected(findings.take());
    return out;
}

// A T from a text.
template <class T>
Result<T, Issues> parse_as(std::string_view text) {
    auto value = parse(text);
    if (!value) return unexpected(std::move(value.error()));
    return read<T>(*value);
}

}  // namespace skald::json
