#include "domain/kernel/text.h"

#include <algorithm>

namespace skald::kernel {
namespace {

// The length in bytes of the character that `rest` starts with, 0 if it starts with none. RFC 3629,
// section 4.
std::size_t character_length(std::string_view rest) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
    const auto follows = [&](std::size_t count) {
        if (rest.size() <= count) return false;
        for (std::size_t i = 1; i <= count; ++i)
            if ((byte(i) & 0xC0) != 0x80) return false;
        return true;
    };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!follows(2)) return 0;
        if (first == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
        if (first == 0xED && byte(1) > 0x9F) return 0;  // surrogate
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!follows(3)) return 0;
        if (first == 0xF0 && byte(1) < 0x90) return 0;  // overlong
        if (first == 0xF4 && byte(1) > 0x8F) return 0;  // above U+10FFFF
        return 4;
    }
    return 0;
}

bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return first < 0x20 || first == 0x7F;
    return character.size() == 2 && first == 0xC2 &&
           static_cast<unsigned char>(character[1]) < 0xA0;
}

bool is_dotted(std::string_view part) {
    return !part.empty() && part.front() != '.' && part.back() != '.' &&
           part.find("..") == std::string_view::npos;
}

}  // namespace

bool is_text(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto length = character_length(bytes);
        if (length == 0 || is_control(bytes.substr(0, length))) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

bool is_email_address(std::string_view text) {
    if (text.size() > email_bytes_max) return false;
    const auto printable = [](char c) { return c > ' ' && c <= '~'; };
    if (!std::ranges::all_of(text, printable)) return false;
    if (text.find_first_of("()<>[]:;,\\\"") != std::string_view::npos) return false;
    const auto at = text.find('@');
    if (at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
        return false;
    return is_dotted(text.substr(0, at)) && is_dotted(text.substr(at + 1));
}

std::string fold_case(std::string_view ascii) {
    std::string folded(ascii);
    for (char& c : folded)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return folded;
}

}  // namespace skald::kernel
