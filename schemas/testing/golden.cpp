#include "schemas/testing/golden.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace skald::schemas::testing {

GoldenName parse_golden_name(const std::string& name) {
    const auto dot = name.find('.', name.find('.') + 1);
    return {name.substr(0, dot), std::atoi(name.c_str() + dot + 2)};
}

std::string from_hex(const std::string& hex) {
    std::string bytes, digits;
    for (const char c : hex) {
        if (c == '\n') continue;
        digits += c;
        if (digits.size() < 2) continue;
        bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
        digits.clear();
    }
    return bytes;
}

std::string to_hex(const std::string& bytes) {
    constexpr std::size_t bytes_per_line = 32;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % bytes_per_line == 0) hex += '\n';
        const auto byte = static_cast<unsigned char>(bytes[i]);
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex + "\n";
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

void record(const std::string& folder, const std::string& name, const Encoded& encoded) {
    const auto path = folder + "/" + name;
    if (std::filesystem::exists(path + ".hex")) return;
    std::filesystem::create_directories(folder);
    std::ofstream(path + ".hex") << to_hex(encoded.data);
    std::ofstream(path + ".json")
        << to_json(encoded.type, encoded.schema_version, encoded.data).value() << "\n";
}

std::set<std::string> golden_names(const std::string& folder) {
    std::set<std::string> names;
    if (!std::filesystem::exists(folder)) return names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".hex") names.insert(entry.path().stem().string());
    return names;
}

}  // namespace skald::schemas::testing
