#include "api/cli/duration.h"

#include <array>

#include "api/config/readers.h"

namespace skald::cli {
namespace {

struct Unit {
    char letter;
    std::int64_t seconds;
};
constexpr std::array units{Unit{'d', 86'400}, Unit{'h', 3600}, Unit{'m', 60}, Unit{'s', 1}};
constexpr std::int64_t seconds_max = 10 * 366 * std::int64_t{86'400};

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto number = config::whole_number(text.substr(0, text.size() - 1));
    for (const auto& unit : units) {
        if (!number || text.back() != unit.letter || *number > seconds_max / unit.seconds) continue;
        return std::chrono::seconds(*number * unit.seconds);
    }
    return std::nullopt;
}

std::string show_duration(std::chrono::seconds duration) {
    for (const auto& unit : units)
        if (duration.count() >= unit.seconds)
            return std::to_string(duration.count() / unit.seconds) + unit.letter;
    return "0s";
}

}  // namespace skald::cli
