#include "api/json/write.h"

#include <charconv>

namespace skald::json {

void write_text(std::string& out, std::string_view text) {
    // The usual text needs no escapes.
    bool plain = true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
            plain = false;
            break;
        }
    }
    if (plain) {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    out += Value(text).dump(-1, ' ', false, Value::error_handler_t::replace);
}

void write_integer(std::string& out, std::int64_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

void write_value(std::string& out, const Value& value) {
    out += value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

}  // namespace skald::json
