// Log lines as JSON objects on standard error, one a line: {"at", "level", "message", key:
// value...}. Keys and values are given apart from the message, so that a line can be searched by
// them. Never personal data, never secrets.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace skald::diagnostics {

using Field = std::pair<std::string_view, nlohmann::json>;

enum class Level { debug, info, warning, error };

// Lines below `level` are dropped. Safe to call at any time.
void set_level(Level level);

// Whether such lines are written: their fields need not be made otherwise.
bool logs(Level level);

void log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void log_debug(std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::debug, message, fields);
}
inline void log_info(std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::info, message, fields);
}
inline void log_warning(std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::warning, message, fields);
}
inline void log_error(std::string_view message, std::initializer_list<Field> fields = {}) {
    log(Level::error, message, fields);
}

}  // namespace skald::diagnostics
