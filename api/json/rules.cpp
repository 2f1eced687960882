#include "api/json/rules.h"

#include <algorithm>

#include "api/json/parse.h"
#include "api/json/time.h"
#include "domain/kernel/text.h"

namespace skald::json {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_upper(c) || is_lower(c) || is_digit(c); }
bool is_sku(char c) { return is_alnum(c) || c == '_' || c == '-'; }
bool is_id(char c) { return is_sku(c) || c == '.'; }
bool is_code(char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; }
bool is_local(char c) {
    return is_alnum(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

// Labels of letters, digits and inner hyphens, at least two of them.
bool is_domain(std::string_view domain) {
    if (domain.size() > 253) return false;
    std::size_t labels = 0;
    while (true) {
        const auto dot = domain.find('.');
        const auto label = domain.substr(0, dot);
        if (label.empty() || label.size() > 63) return false;
        if (label.front() == '-' || label.back() == '-') return false;
        const auto good = [](char c) { return is_alnum(c) || c == '-'; };
        if (!std::ranges::all_of(label, good)) return false;
        ++labels;
        if (dot == std::string_view::npos) break;
        domain.remove_prefix(dot + 1);
    }
    return labels >= 2;
}

bool is_email(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) return false;
    const auto local = text.substr(0, at);
    if (local.empty() || local.size() > 64) return false;
    if (local.front() == '.' || local.back() == '.') return false;
    if (local.find("..") != std::string_view::npos) return false;
    return std::ranges::all_of(local, is_local) && is_domain(text.substr(at + 1));
}

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = text[i];
        const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

bool has_form(Form form, std::string_view text) {
    switch (form) {
        case Form::any:
            return true;
        case Form::sku:
            return std::ranges::all_of(text, is_sku);
        case Form::id:
            return std::ranges::all_of(text, is_id);
        case Form::code:
            return std::ranges::all_of(text, is_code);
        case Form::currency:
            return text.size() == 3 && std::ranges::all_of(text, is_upper);
        case Form::email:
            return is_email(text);
        case Form::date:
            return parse_date_days(text).has_value();
        case Form::date_time:
            return parse_time_us(text).has_value();
        case Form::uuid:
            return is_uuid(text);
    }
    return false;
}

std::string_view wanted(Form form) {
    switch (form) {
        case Form::any:
            return "";
        case Form::sku:
            return "must consist of A-Z a-z 0-9 _ -";
        case Form::id:
            return "must consist of A-Z a-z 0-9 _ . -";
        case Form::code:
            return "must consist of a-z 0-9 _ -";
        case Form::currency:
            return "must be a currency code of three capital letters, such as EUR";
        case Form::email:
            return "must be an e-mail address";
        case Form::date:
            return "must be a date, such as 2024-05-01";
        case Form::date_time:
            return "must be a time, such as 2024-05-01T12:00:00Z, or a date";
        case Form::uuid:
            return "must be a UUID";
    }
    return "";
}

std::string list_of(const std::vector<std::string>& choices) {
    std::string text;
    for (const auto& choice : choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
}

}  // namespace

Rule Rule::about(std::string what) const {
    Rule rule = *this;
    rule.description = std::move(what);
    return rule;
}

Rule Rule::unique(std::string member) const {
    Rule rule = *this;
    rule.unique_by = std::move(member);
    return rule;
}

Rule text(std::size_t length_min, std::size_t length_max, Form form) {
    Rule rule;
    rule.form = form;
    rule.length_min = length_min;
    rule.length_max = length_max;
    return rule;
}

Rule integer(std::int64_t min, std::int64_t max) {
    Rule rule;
    rule.min = min;
    rule.max = max;
    return rule;
}

Rule money(std::int64_t min, std::int64_t max) { return integer(min, max); }

Rule list(std::size_t items_min, std::size_t items_max) { return text(items_min, items_max); }

Rule sku() { return text(1, 64, Form::sku); }

Rule id() { return text(1, 128, Form::id); }

Rule email() { return text(3, 254, Form::email); }

Rule one_of(std::vector<std::string> choices) {
    Rule rule;
    rule.choices = std::move(choices);
    return rule;
}

std::optional<Broken> check_text(const Rule& rule, std::string_view text) {
    if (!is_utf8(text)) return Broken{"bad_format", "is not valid UTF-8"};
    const auto length = characters(text);
    if (length < rule.length_min) {
        return Broken{"too_short", "must have at least " + std::to_string(rule.length_min) +
                                       (rule.length_min == 1 ? " character" : " characters")};
    }
    if (length > rule.length_max) {
        return Broken{"too_long",
                      "must have at most " + std::to_string(rule.length_max) + " characters"};
    }
    if (!kernel::is_text(text)) {  // as the domain has it
        return Broken{"control_character", "must not hold control characters"};
    }
    if (!has_form(rule.form, text)) return Broken{"bad_format", std::string(wanted(rule.form))};
    if (!rule.choices.empty() && std::ranges::find(rule.choices, text) == rule.choices.end()) {
        return Broken{"bad_choice", "must be one of " + list_of(rule.choices)};
    }
    return std::nullopt;
}

std::optional<Broken> check_integer(const Rule& rule, std::int64_t number) {
    if (number < rule.min) {
        return Broken{"too_small", "must be at least " + std::to_string(rule.min)};
    }
    if (number > rule.max) {
        return Broken{"too_large", "must be at most " + std::to_string(rule.max)};
    }
    return std::nullopt;
}

std::optional<Broken> check_length(const Rule& rule, std::size_t items) {
    if (items < rule.length_min) {
        return Broken{"too_few", "must have at least " + std::to_string(rule.length_min) +
                                     (rule.length_min == 1 ? " item" : " items")};
    }
    if (items > rule.length_max) {
        return Broken{"too_many",
                      "must have at most " + std::to_string(rule.length_max) + " items"};
    }
    return std::nullopt;
}

std::string_view pattern_of(Form form) {
    switch (form) {
        case Form::sku:
            return "^[A-Za-z0-9_-]*$";
        case Form::id:
            return "^[A-Za-z0-9_.-]*$";
        case Form::code:
            return "^[a-z0-9_-]*$";
        case Form::currency:
            return "^[A-Z]{3}$";
        default:
            return "";
    }
}

}  // namespace skald::json
