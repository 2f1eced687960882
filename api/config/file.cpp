#include "api/config/file.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>

#include "api/config/setting.h"

namespace skald::config {
namespace {

using nlohmann::json;

constexpr std::size_t file_bytes_max = 1024 * 1024;

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1,
                               diagonal + static_cast<std::size_t>(a[i - 1] != b[j - 1])});
            diagonal = above;
        }
    }
    return row.back();
}

// A setting's value as the text that the environment would hold; nothing when its type is wrong.
std::optional<std::string> as_text(const Setting& setting, const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
    if (value.is_number_integer()) return value.dump();
    const auto is_string = [](const json& element) { return element.is_string(); };
    if (!setting.is_list || !value.is_array() || !std::ranges::all_of(value, is_string)) {
        return std::nullopt;
    }
    std::string joined;
    for (const auto& element : value) {
        joined += (joined.empty() ? "" : ",") + element.get<std::string>();
    }
    return joined;
}

std::vector<std::string> setting_names() {
    std::vector<std::string> names;
    for (const auto& setting : all_settings()) names.emplace_back(setting.name);
    return names;
}

// The parser keeps the last of two equal keys silently, so they are counted while parsing.
json parse(const std::string& text, std::set<std::string>& repeated) {
    std::set<std::string> seen;
    const auto callback = [&](int depth, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::key && depth == 1) {
            if (!seen.insert(parsed.get<std::string>()).second) repeated.insert(parsed);
        }
        return true;
    };
    return json::parse(text, callback, true, true);
}

}  // namespace

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names) {
    const auto distance = [&](const std::string& name) { return edit_distance(wrong, name); };
    const auto nearest = std::ranges::min_element(names, {}, distance);
    if (nearest == names.end() || distance(*nearest) > std::max<std::size_t>(2, wrong.size() / 4)) {
        return "";
    }
    return " Did you mean " + *nearest + "?";
}

Texts read_file(const std::string& path, std::vector<Problem>& problems) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream content;
    if (!in || !(content << in.rdbuf())) {
        problems.push_back({"--config", "the file " + path +
                                            " cannot be read; give an existing, readable JSON "
                                            "file that is not empty."});
        return {};
    }
    const auto text = std::move(content).str();
    if (text.size() > file_bytes_max) {
        problems.push_back({"--config", "the file " + path + " is larger than 1 MiB."});
        return {};
    }
    json file;
    std::set<std::string> repeated;
    try {
        file = parse(text, repeated);
    } catch (const json::exception& error) {
        std::string reason = error.what();
        if (const auto bracket = reason.find("] "); bracket != std::string::npos) {
            reason = reason.substr(bracket + 2);
        }
        // What it read last may be a part of a password.
        reason.resize(std::min(reason.size(), reason.find("; last read")));
        problems.push_back({"--config", "the file " + path + " is not JSON: " + reason + "."});
        return {};
    }
    if (!file.is_object()) {
        problems.push_back({"--config", "the file " + path + " must hold one JSON object."});
        return {};
    }
    Texts texts;
    for (const auto& key : repeated) {
        problems.push_back({key, "stands twice in " + path + "; leave one."});
    }
    for (const auto& [key, value] : file.items()) {
        const auto* setting = find_setting(key);
        if (setting == nullptr) {
            problems.push_back({key, "in " + path + " is no setting; remove it." +
                                         did_you_mean(key, setting_names())});
        } else if (const auto as = as_text(*setting, value)) {
            texts[key] = *as;
        } else {
            problems.push_back({key, "in " + path + " must be " +
                                         (setting->is_list ? "a string or an array of strings."
                                                           : "a string, a whole number, true or "
                                                             "false.")});
        }
    }
    return texts;
}

}  // namespace skald::config
