#include "api/http/preferences.h"

#include <algorithm>
#include <charconv>

namespace skald::http {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
    if (text.empty() || text.size() > 9) return std::nullopt;
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number < 0) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

Result<std::optional<std::chrono::seconds>, Problem> prefer_wait(const Request& request) {
    for (const auto& [name, value] : request.headers) {
        if (!equals_ignoring_case(name, "Prefer")) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto end = rest.find_first_of(",;");
            const auto preference = trim(rest.substr(0, end));
            rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
            const auto equals = preference.find('=');
            if (!equals_ignoring_case(trim(preference.substr(0, equals)), "wait")) continue;
            auto text = equals == std::string_view::npos ? "" : trim(preference.substr(equals + 1));
            if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
                text = text.substr(1, text.size() - 2);
            }
            const auto seconds = whole_number(text);
            if (!seconds) {
                return unexpected(invalid(
                    {{"/header/Prefer", "bad_format", "wait must be a whole number of seconds"}}));
            }
            return std::min(std::chrono::seconds(*seconds), prefer_wait_max);
        }
    }
    return std::nullopt;
}

Result<std::chrono::milliseconds, Problem> skald_wait(const Request& request) {
    const auto text = request.header("Skald-Wait");
    if (!text) return skald_wait_default;
    const auto ms = whole_number(*text);
    if (!ms || *ms > skald_wait_max.count()) {
        return unexpected(invalid({{"/header/Skald-Wait", "bad_format",
                                    "must be a whole number of milliseconds, 0 to " +
                                        std::to_string(skald_wait_max.count())}}));
    }
    return std::chrono::milliseconds(*ms);
}

}  // namespace skald::http
