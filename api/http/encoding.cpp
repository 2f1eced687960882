#include "api/http/encoding.h"

#include "api/json/parse.h"
#include "domain/kernel/invariant.h"

namespace skald::http {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Result<std::string, std::string> percent_decode(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return unexpected(std::string("a % must be followed by two hexadecimal digits"));
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c == '\0') return unexpected(std::string("must not hold a NUL"));
        out += c;
    }
    if (!json::is_utf8(out)) return unexpected(std::string("is not valid UTF-8"));
    return out;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

std::string base64url(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 4 / 3 + 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        count += 8;
        while (count >= 6) {
            count -= 6;
            out += alphabet[(bits >> static_cast<unsigned>(count)) & 63U];
        }
    }
    if (count > 0) out += alphabet[(bits << static_cast<unsigned>(6 - count)) & 63U];
    return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 255U);
        }
    }
    const auto left_over = bits & ((1U << static_cast<unsigned>(count)) - 1U);
    if (left_over != 0) return std::nullopt;
    return out;
}

void put_varint(std::string& out, std::int64_t number) {
    INVARIANT(number >= 0);
    auto rest = static_cast<std::uint64_t>(number);
    while (rest >= 0x80) {
        out += static_cast<char>(0x80U | (rest & 0x7fU));
        rest >>= 7U;
    }
    out += static_cast<char>(rest);
}

std::optional<std::int64_t> take_varint(std::string_view& bytes) {
    std::uint64_t number = 0;
    for (unsigned i = 0; i < 9 && i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        number |= static_cast<std::uint64_t>(byte & 0x7fU) << (7U * i);
        if ((byte & 0x80U) != 0) continue;
        if (byte == 0 && i > 0) return std::nullopt;
        bytes.remove_prefix(i + 1);
        return static_cast<std::int64_t>(number);
    }
    return std::nullopt;
}

}  // namespace skald::http
