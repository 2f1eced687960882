// Puts the settings together from their four places, the later overruling the earlier: defaults,
// JSON file (comments allowed), environment, flags. Every problem is found before any is reported.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/config/config.h"
#include "domain/kernel/result.h"

namespace skald::config {

using Texts = std::map<std::string, std::string, std::less<>>;

struct Sources {
    Texts environment{};  // all variables; those that do not begin with SKALD_ are ignored
    Texts flags{};        // by setting name
    std::optional<std::string> file{};  // path; SKALD_CONFIG when not given
};

// One wrong setting: its key as the user wrote it, and a sentence that says what is wrong and what
// to do.
struct Problem {
    std::string key;
    std::string sentence;
};

struct Effective {
    std::string name;
    std::string shown;   // without secrets
    std::string source;  // default, environment, flag, or the file's path
};

struct Loaded {
    Config config;
    std::vector<Effective> effective;         // in the table's order
    bool given(std::string_view name) const;  // from anywhere but the default
};

// The names of the settings without which nothing can be done; made from what the others say.
using Required = std::function<std::vector<std::string>(const Config&)>;

Result<Loaded, std::vector<Problem>> load(const Sources& sources, const Required& required = {});

// The variables of this process.
Texts process_environment();

}  // namespace skald::config
