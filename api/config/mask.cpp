#include "api/config/mask.h"

#include <regex>

namespace skald::config {
namespace {

// user:PASSWORD@host of a URI, or of what lacks the scheme to be one. The last '@' of all ends it:
// a password may hold whatever else ends things, and what is hidden beside it does no harm. Without
// a '@' nothing is a password.
std::string mask_authority(std::string text) {
    const auto scheme = text.find("://");
    const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
    const auto at = text.rfind('@');
    if (at == std::string::npos || at < begin) return text;
    const auto colon = text.find(':', begin);
    if (colon == std::string::npos || colon > at) return text;
    return text.replace(colon + 1, at - colon - 1, hidden);
}

}  // namespace

std::string mask_connection(std::string_view text) {
    // password=x, sslpassword = 'it\'s', and both as URI parameters.
    static const std::regex parameter(R"((password\s*=\s*)('(?:\\.|[^'\\])*'?|[^\s&']*))",
                                      std::regex::icase);
    return std::regex_replace(mask_authority(std::string(text)), parameter,
                              "$1" + std::string(hidden));
}

}  // namespace skald::config
