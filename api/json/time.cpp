#include "api/json/time.h"

#include <chrono>
#include <cstdio>

namespace skald::json {
namespace {

constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::int64_t us_per_day = 86'400 * us_per_s;

// `count` digits at `at`, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int number = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

// "Z" or "+02:00", as minutes ahead of UTC.
std::optional<int> offset_minutes(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const auto hours = digits(text, 1, 2);
    const auto minutes = digits(text, 4, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const int total = *hours * 60 + *minutes;
    return text[0] == '-' ? -total : total;
}

// The ".123" at the beginning of `text`, which is shortened to what follows.
std::optional<std::int64_t> fraction_us(std::string_view& text) {
    if (text.empty() || text.front() != '.') return 0;
    text.remove_prefix(1);
    std::int64_t us = 0;
    std::size_t length = 0;
    while (length < text.size() && text[length] >= '0' && text[length] <= '9') {
        if (length < 6) us = us * 10 + (text[length] - '0');
        ++length;
    }
    if (length == 0 || length > 9) return std::nullopt;
    for (std::size_t i = length; i < 6; ++i) us *= 10;
    text.remove_prefix(length);
    return us;
}

}  // namespace

std::optional<std::int64_t> parse_date_days(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    if (!year || !month || !day || *year == 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<std::int64_t> parse_time_us(std::string_view text) {
    const auto days = parse_date_days(text.substr(0, 10));
    if (!days) return std::nullopt;
    if (text.size() == 10) return *days * us_per_day;
    if ((text[10] != 'T' && text[10] != 't') || text.size() < 20) return std::nullopt;
    const auto hours = digits(text, 11, 2);
    const auto minutes = digits(text, 14, 2);
    auto seconds = digits(text, 17, 2);
    if (!hours || !minutes || !seconds || text[13] != ':' || text[16] != ':') return std::nullopt;
    if (*hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
    if (*seconds == 60) seconds = 59;
    auto rest = text.substr(19);
    const auto fraction = fraction_us(rest);
    if (!fraction) return std::nullopt;
    const auto offset = offset_minutes(rest);
    if (!offset) return std::nullopt;
    const std::int64_t in_day = *hours * 3600 + *minutes * 60 + *seconds - *offset * 60;
    return *days * us_per_day + in_day * us_per_s + *fraction;
}

std::string format_date_days(std::int64_t days) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

std::string format_time_us(std::int64_t us) {
    std::int64_t days = us / us_per_day;
    std::int64_t rest = us % us_per_day;
    if (rest < 0) {
        rest += us_per_day;
        --days;
    }
    const std::int64_t s = rest / us_per_s;
    const std::int64_t fraction = rest % us_per_s;
    std::string text = format_date_days(days);
    const auto part = [&](char before, std::int64_t number, std::size_t digits) {
        const auto from = text.size() + 1;
        text += before;
        text.append(digits, '0');
        for (auto at = from + digits; at > from; number /= 10)
            text[--at] = static_cast<char>('0' + number % 10);
    };
    part('T', s / 3600, 2);
    part(':', s / 60 % 60, 2);
    part(':', s % 60, 2);
    if (fraction != 0) part('.', fraction, 6);
    text += 'Z';
    return text;
}

}  // namespace skald::json
