#include "api/http/trace.h"

#include <algorithm>
#include <random>

namespace skald::http {
namespace {

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

std::string random_hex(std::size_t digits) {
    thread_local std::mt19937_64 random = [] {
        std::random_device seed;
        std::seed_seq sequence{seed(), seed(), seed(), seed()};
        return std::mt19937_64(sequence);
    }();
    std::string text;
    do {
        text.clear();
        while (text.size() < digits) {
            auto bits = random();
            for (int i = 0; i < 16 && text.size() < digits; ++i, bits >>= 4U) {
                text += "0123456789abcdef"[bits & 15U];
            }
        }
    } while (is_zero(text));
    return text;
}

}  // namespace

std::string TraceContext::traceparent() const {
    const auto digit = [](unsigned n) { return "0123456789abcdef"[n]; };
    std::string text = "00-" + trace_id + "-" + span_id + "-";
    text += digit(flags >> 4U);
    text += digit(flags & 15U);
    return text;
}

TraceContext continue_trace(std::optional<std::string_view> traceparent) {
    TraceContext fresh{random_hex(32), random_hex(16), 0};
    if (!traceparent || traceparent->size() < 55) return fresh;
    const auto text = *traceparent;
    const auto version = text.substr(0, 2);
    const auto trace_id = text.substr(3, 32);
    const auto parent_id = text.substr(36, 16);
    const auto flags = text.substr(53, 2);
    if (text[2] != '-' || text[35] != '-' || text[52] != '-') return fresh;
    if (!is_lower_hex(version) || version == "ff" || !is_lower_hex(flags)) return fresh;
    if (!is_lower_hex(trace_id) || is_zero(trace_id)) return fresh;
    if (!is_lower_hex(parent_id) || is_zero(parent_id)) return fresh;
    // Later versions may append fields; version 00 has none.
    if (text.size() > 55 && (version == "00" || text[55] != '-')) return fresh;
    fresh.trace_id = trace_id;
    const auto bit = std::string_view("0123456789abcdef").find(flags[1]) & 1U;
    fresh.flags = static_cast<std::uint8_t>(bit);  // "sampled" is the only flag we know to pass on
    return fresh;
}

}  // namespace skald::http
