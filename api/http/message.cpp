#include "api/http/message.h"

#include <algorithm>

#include "domain/kernel/invariant.h"

namespace skald::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

const std::string& Request::parameter(std::string_view name) const {
    const auto found =
        std::ranges::find_if(path_parameters, [&](const auto& pair) { return pair.first == name; });
    INVARIANT(found != path_parameters.end());
    return found->second;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (equals_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

std::size_t Request::count_headers(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        headers, [&](const auto& pair) { return equals_ignoring_case(pair.first, name); }));
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

void Request::drop_body() {
    body = std::string();
    body_room.reset();
}

Response& Response::with(std::string name, std::string value) & {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

Response&& Response::with(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
}

Response json_response(int status, std::string body) {
    Response response{status, {}, std::move(body)};
    response.with("Content-Type", "application/json");
    return response;
}

}  // namespace skald::http
