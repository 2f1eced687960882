#include "api/http/wire.h"

#include <algorithm>
#include <ctime>

#include "api/http/problem.h"

namespace skald::http {
namespace {

void append_clean(std::string& out, const std::string& text) {
    const auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
    const auto begin = out.size();
    out += text;
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), is_control, ' ');
}

// The time as HTTP writes it, made anew once a second per thread.
const std::string& http_date() {
    thread_local std::time_t made_at = 0;
    thread_local std::string text;
    const auto now = std::time(nullptr);
    if (now != made_at) {
        std::tm utc{};
        gmtime_r(&now, &utc);
        char buffer[64];
        std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        text = buffer;
        made_at = now;
    }
    return text;
}

}  // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string head_of(const Response& response, const Framing& framing) {
    std::string out;
    out.reserve(256);
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    out += ' ';
    out += reason_of(response.status);
    out += "\r\nDate: ";
    out += http_date();
    for (const auto& [name, value] : response.headers) {
        out += "\r\n";
        append_clean(out, name);
        out += ": ";
        append_clean(out, value);
    }
    if (may_have_body(response.status)) {
        out += "\r\nContent-Length: ";
        out += std::to_string(response.body.size());
    }
    if (!framing.keep_alive) out += "\r\nConnection: close";
    if (framing.keep_alive && framing.http_1_0) out += "\r\nConnection: keep-alive";
    out += "\r\n\r\n";
    return out;
}

}  // namespace skald::http
