#include "api/http/parameters.h"

#include <algorithm>
#include <charconv>

#include "api/json/parse.h"
#include "api/json/time.h"

namespace skald::http {

void Parameters::add_issue(std::string_view name, std::string code, std::string message) {
    issues_.push_back({"/query/" + json::pointer_token(name), std::move(code), std::move(message)});
}

std::optional<std::string_view> Parameters::value(std::string_view name) {
    asked_.emplace(name);
    const auto count =
        std::ranges::count_if(request_.query, [&](const auto& pair) { return pair.first == name; });
    if (count > 1) {
        add_issue(name, "repeated", "must not be given more than once");
        return std::nullopt;
    }
    return request_.query_value(name);
}

std::optional<std::string> Parameters::text(std::string_view name, const json::Rule& rule) {
    const auto given = value(name);
    if (!given) return std::nullopt;
    if (auto broken = json::check_text(rule, *given)) {
        add_issue(name, std::move(broken->code), std::move(broken->message));
        return std::nullopt;
    }
    return std::string(*given);
}

std::optional<std::int64_t> Parameters::integer(std::string_view name, std::int64_t min,
                                                std::int64_t max) {
    const auto given = value(name);
    if (!given) return std::nullopt;
    std::int64_t number = 0;
    const char* end = given->data() + given->size();
    const auto parsed = std::from_chars(given->data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
        add_issue(name, "bad_format", "must be an integer");
        return std::nullopt;
    }
    if (auto broken = json::check_integer(json::integer(min, max), number)) {
        add_issue(name, std::move(broken->code), std::move(broken->message));
        return std::nullopt;
    }
    return number;
}

std::string Parameters::one_of(std::string_view name, const std::vector<std::string>& choices,
                               std::string_view otherwise) {
    return text(name, json::one_of(choices)).value_or(std::string(otherwise));
}

std::optional<std::int64_t> Parameters::time_us(std::string_view name) {
    const auto given = text(name, json::text(1, 64, json::Form::date_time));
    return given ? json::parse_time_us(*given) : std::nullopt;
}

std::optional<Problem> Parameters::problem() {
    std::set<std::string_view> named;
    for (const auto& [name, text] : request_.query) {
        if (asked_.contains(name) || !named.insert(name).second) continue;
        add_issue(name, "unknown_parameter", "is not a parameter of this request");
    }
    if (issues_.empty()) return std::nullopt;
    return invalid(issues_);
}

}  // namespace skald::http
