#include "api/json/time.h"

#include <chrono>

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

namespace {

void append_digits(std::string& out, std::int64_t number, std::size_t count) {
    out.append(count, '0');
    for (auto at = out.size(); number > 0; number /= 10)
        out[--at] = static_cast<char>('0' + number % 10);
}

void append_part(std::string& out, char before, std::int64_t number, std::size_t count) {
    out += before;
    append_digits(out, number, count);
}

void append_date_days(std::string& out, std::int64_t days) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
    const int year = static_cast<int>(date.year());
    if (year >= 0 && year <= 9999) {
        append_digits(out, year, 4);
    } else {
        out += std::to_string(year);
    }
    append_part(out, '-', static_cast<unsigned>(date.month()), 2);
    append_part(out, '-', static_cast<unsigned>(date.day()), 2);
}

}  // namespace

std::string format_date_days(std::int64_t days) {
    std::string text;
    append_date_days(text, days);
    return text;
}

std::string format_time_us(std::int64_t us) {
    std::string text;
    append_time_us(text, us);
    return text;
}

void append_time_us(std::string& out, std::int64_t us) {
    const auto days = std::chrono::floor<std::chrono::days>(std::chrono::microseconds(us)).count();
    const std::int64_t rest = us - days * us_per_day;
    const std::int64_t s = rest / us_per_s;
    const std::int64_t fraction = rest % us_per_s;
    append_date_days(out, days);
    append_part(out, 'T', s / 3600, 2);
    append_part(out, ':', s / 60 % 60, 2);
    append_part(out, ':', s % 60, 2);
    if (fraction != 0) append_part(out, '.', fraction, 6);
    out += 'Z';
}

}  // namespace skald::json
