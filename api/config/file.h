// Reads the settings file: one flat JSON object, comments allowed.
#pragma once

#include <string>
#include <vector>

#include "api/config/load.h"

namespace skald::config {

// The file's settings as texts. What is wrong with it is added to `problems`.
Texts read_file(const std::string& path, std::vector<Problem>& problems);

// What the user may have meant, as " Did you mean ...?", or nothing when no name is close.
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& names);

}  // namespace skald::config
