// Hides what must not be printed. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace skald::config {

inline constexpr std::string_view hidden = "****";

// The connection text (URI or key=value, of PostgreSQL or Redis) with every password replaced.
std::string mask_connection(std::string_view text);

}  // namespace skald::config
