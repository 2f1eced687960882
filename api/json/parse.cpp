#include "api/json/parse.h"

#include <algorithm>

namespace skald::json {
namespace {

// Builds the value as nlohmann's parser walks through the text, and stops at what is refused.
class Builder : public nlohmann::json_sax<Value> {
  public:
    Value root;
    Issues issues;

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override {
        if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
            return out_of_range();
        }
        return put(static_cast<std::int64_t>(value));
    }
    // The lexer falls back to floating point for integers that fit nothing else.
    bool number_float(number_float_t value, const string_t& text) override {
        if (text.find_first_of(".eE") == std::string::npos) return out_of_range();
        return put(value);
    }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Value::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(Value::array()); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (name.size() > key_bytes_max) {
            return refuse("key_too_long", "a key is longer than 256 bytes");
        }
        Level& level = levels_.back();
        level.slot = nullptr;
        level.key = name;
        if (level.value->contains(name)) {
            return refuse("duplicate_key", "the key occurs twice in its object");
        }
        level.slot = &(*level.value)[name];
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& error) override {
        if (error.id == 406) return out_of_range();
        issues.push_back(
            {"", "malformed_json",
             "not JSON: error at byte " + std::to_string(position) + detail_of(error)});
        return false;
    }

  private:
    struct Level {
        Value* value;
        Value* slot = nullptr;  // where the next member of an object goes
        std::string key = {};
    };

    // nlohmann's own words behind the position, without its prefix and without the input's text.
    static std::string detail_of(const nlohmann::detail::exception& error) {
        const std::string text = error.what();
        if (text.find("UTF-8") != std::string::npos) return ": not valid UTF-8";
        if (text.find("unexpected end of input") != std::string::npos)
            return ": the text ends here";
        if (text.find("control character") != std::string::npos) {
            return ": a control character in a string must be escaped";
        }
        if (text.find("surrogate") != std::string::npos) return ": half a surrogate pair";
        return "";
    }

    bool put(Value value) {
        place(std::move(value));
        return true;
    }

    Value* place(Value value) {
        if (levels_.empty()) {
            root = std::move(value);
            return &root;
        }
        Level& level = levels_.back();
        if (level.value->is_array()) {
            level.value->push_back(std::move(value));
            return &level.value->back();
        }
        *level.slot = std::move(value);
        return level.slot;
    }

    bool open(Value value) {
        if (levels_.size() >= depth_max) {
            return refuse("too_deep", "nested more than 32 levels deep");
        }
        levels_.push_back({place(std::move(value))});
        return true;
    }

    bool close() {
        levels_.pop_back();
        return true;
    }

    bool out_of_range() {
        // The number is not placed yet: in an array it will be the next item.
        auto where = pointer();
        if (!levels_.empty() && levels_.back().value->is_array()) {
            where += "/" + std::to_string(levels_.back().value->size());
        }
        issues.push_back({where, "number_out_of_range",
                          "beyond what a number can be here: integers are of 64 bits"});
        return false;
    }

    bool refuse(std::string code, std::string message) {
        issues.push_back({pointer(), std::move(code), std::move(message)});
        return false;
    }

    std::string pointer() const {
        std::string text;
        for (std::size_t i = 0; i < levels_.size(); ++i) {
            const Level& level = levels_[i];
            if (level.value->is_object()) {
                if (!level.key.empty() || level.slot != nullptr) {
                    text += "/" + pointer_token(level.key);
                }
            } else if (i + 1 < levels_.size()) {
                text += "/" + std::to_string(level.value->size() - 1);
            }
        }
        return text;
    }

    std::vector<Level> levels_;
};

}  // namespace

Result<Value, Issues> parse(std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return unexpected(Issues{{"", "malformed_json", "the body is empty, JSON is expected"}});
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        return unexpected(Issues{{"", "malformed_json", "the body begins with a byte order mark"}});
    }
    if (!is_utf8(text)) {
        return unexpected(Issues{{"", "malformed_json", "the body is not valid UTF-8"}});
    }
    // nlohmann's lexer takes a NUL for the end of its input.
    if (text.find('\0') != std::string_view::npos) {
        return unexpected(Issues{{"", "malformed_json", "not JSON: the body holds a NUL"}});
    }
    Builder builder;
    const bool good = Value::sax_parse(text.begin(), text.end(), &builder);
    if (good && builder.issues.empty()) return std::move(builder.root);
    if (builder.issues.empty()) builder.issues.push_back({"", "malformed_json", "not JSON"});
    return unexpected(std::move(builder.issues));
}

std::string canonical(const Value& value) {
    return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string pointer_token(std::string_view key) {
    std::string token;
    for (const char c : key) {
        if (c == '~') {
            token += "~0";
        } else if (c == '/') {
            token += "~1";
        } else {
            token += c;
        }
    }
    return token;
}

bool is_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i) {
        return i < text.size() && (byte(i) & 0xC0U) == 0x80U;
    };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned first = byte(i);
        if (first < 0x80) {
            ++i;
            continue;
        }
        std::size_t length = 0;
        if (first >= 0xC2 && first <= 0xDF) length = 2;
        if (first >= 0xE0 && first <= 0xEF) length = 3;
        if (first >= 0xF0 && first <= 0xF4) length = 4;
        if (length == 0) return false;
        for (std::size_t k = 1; k < length; ++k) {
            if (!continues(i + k)) return false;
        }
        const unsigned second = byte(i + 1);
        if (first == 0xE0 && second < 0xA0) return false;  // overlong
        if (first == 0xED && second > 0x9F) return false;  // surrogates
        if (first == 0xF0 && second < 0x90) return false;  // overlong
        if (first == 0xF4 && second > 0x8F) return false;  // beyond U+10FFFF
        i += length;
    }
    return true;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

}  // namespace skald::json
