// Reading the address of a server. Pure functions.
#include <algorithm>

#include "sagas/providers/http_transport.h"

namespace skald::sagas {
namespace {

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
           std::stoi(std::string(text)) >= 1 && std::stoi(std::string(text)) <= 65535;
}

bool is_host_or_path(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '@' && c != '"' && c != '\\';
    });
}

}  // namespace

std::string HttpUrl::authority() const {
    const bool v6 = host.find(':') != std::string::npos;
    const bool usual = port == (tls ? "443" : "80");
    return (v6 ? "[" + host + "]" : host) + (usual ? "" : ":" + port);
}

std::optional<HttpUrl> parse_http_url(std::string_view text) {
    HttpUrl url;
    if (text.starts_with("https://")) {
        url.tls = true;
    } else if (!text.starts_with("http://")) {
        return std::nullopt;
    }
    text.remove_prefix(url.tls ? 8 : 7);
    if (!is_host_or_path(text)) return std::nullopt;
    const auto slash = std::min(text.find('/'), text.size());
    auto authority = text.substr(0, slash);
    url.path = text.substr(slash);
    while (url.path.ends_with('/')) url.path.pop_back();
    url.port = url.tls ? "443" : "80";
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (has_port) {
        url.port = authority.substr(colon + 1);
        authority = authority.substr(0, colon);
    }
    if (authority.starts_with('[') && authority.ends_with(']')) {
        authority = authority.substr(1, authority.size() - 2);
    } else if (authority.find_first_of(":[]") != std::string_view::npos) {
        return std::nullopt;
    }
    url.host = authority;
    if (url.host.empty() || !is_port(url.port)) return std::nullopt;
    return url;
}

}  // namespace skald::sagas
