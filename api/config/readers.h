// How a setting's text becomes a value. Each reader either stores the value or says what the text
// must be.
#pragma once

#include <cstdint>

#include "api/config/setting.h"

namespace skald::config {

Read read_text(std::string Config::*to, std::size_t bytes_max);
// Where the payment provider is.
Read read_payment_url(std::string Config::*to);
// A file's path: any text but an empty one or one with control characters.
Read read_path(std::string Config::*to);
Read read_postgres(std::string Config::*to);
Read read_redis(RedisAddress Config::*to);
Read read_kafka(std::string Config::*to);
Read read_topic(std::string Config::*to);
Read read_listen(Address Config::*to);
Read read_roles(std::set<Role> Config::*to);
Read read_switch(bool Config::*to);
Read read_level(diagnostics::Level Config::*to);
Read read_milliseconds(std::chrono::milliseconds Config::*to, std::int64_t least,
                       std::int64_t most);

// A whole number without sign, blanks or other decoration; nothing when it is not one.
std::optional<std::int64_t> whole_number(std::string_view text);
std::string must_be_between(std::int64_t least, std::int64_t most, std::string_view unit = {});

template <class Number>
Read read_number(Number Config::*to, std::int64_t least, std::int64_t most) {
    return [=](Config& config, const std::string& text) -> std::optional<std::string> {
        const auto value = whole_number(text);
        if (!value || *value < least || *value > most) return must_be_between(least, most);
        config.*to = static_cast<Number>(*value);
        return std::nullopt;
    };
}

}  // namespace skald::config
