// The table of all settings: one row names the setting, its default, what it is for and how its
// text is read. Everything else (environment names, flags, the file's keys, `skald config`) is made
// from it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/config/config.h"

namespace skald::config {

enum class Secrecy { open, password_inside, whole };

// Puts the value that `text` means into the config, or says what the text must be.
using Read = std::function<std::optional<std::string>(Config&, const std::string& text)>;

struct Setting {
    std::string_view name;      // the key in the file, such as ops_listen
    std::string_view fallback;  // default; empty: none, and commands that need it say so
    std::string_view help;      // one line: what it is, with its unit
    Read read;
    Secrecy secrecy = Secrecy::open;
    bool is_switch = false;  // its flag needs no value
    bool is_list = false;    // the file may hold an array of strings

    std::string env() const;                           // SKALD_OPS_LISTEN
    std::string flag() const;                          // --ops-listen
    std::string shown(const std::string& text) const;  // the text without its secrets
};

std::span<const Setting> all_settings();
// nullptr when there is none of that name.
const Setting* find_setting(std::string_view name);
const Setting* find_setting_by_env(std::string_view env);

}  // namespace skald::config
