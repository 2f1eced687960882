#include "api/config/readers.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace skald::config {
namespace {

using Complaint = std::optional<std::string>;

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const auto end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string::npos) return parts;
        begin = end + 1;
    }
}

bool is_host(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == '-' || c == '_' || c == ':';
    });
}

std::optional<std::uint16_t> port_number(std::string_view text) {
    const auto value = whole_number(text);
    if (!value || *value > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

// host:port, [ipv6]:port
std::optional<Address> address(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string::npos) {
        return std::nullopt;
    }
    const auto port = port_number(std::string_view(text).substr(colon + 1));
    if (!port || !is_host(host)) return std::nullopt;
    return Address{host, *port};
}

// host, host:port, redis://[user][:password]@host[:port][/database]
std::optional<RedisAddress> redis_address(std::string text) {
    RedisAddress redis;
    if (text.starts_with("redis://")) {
        text = text.substr(8);
        if (const auto slash = text.rfind('/'); slash != std::string::npos) {
            const auto database = whole_number(std::string_view(text).substr(slash + 1));
            if (slash + 1 < text.size() && (!database || *database > 1'000'000)) {
                return std::nullopt;
            }
            redis.database = static_cast<int>(database.value_or(0));
            text.resize(slash);
        }
        if (const auto at = text.rfind('@'); at != std::string::npos) {
            const auto login = text.substr(0, at);
            const auto colon = login.find(':');
            redis.user = login.substr(0, colon);
            if (colon != std::string::npos) redis.password = login.substr(colon + 1);
            text = text.substr(at + 1);
        }
    } else if (text.find("://") != std::string::npos) {
        return std::nullopt;
    }
    if (text.find(':') == std::string::npos) text += ":6379";
    const auto at = address(text);
    if (!at || at->port == 0) return std::nullopt;
    redis.at = *at;
    return redis;
}

constexpr Role all_roles[] = {Role::api, Role::relay, Role::projector, Role::sagas};

}  // namespace

std::string_view name_of(Role role) {
    switch (role) {
        case Role::api:
            return "api";
        case Role::relay:
            return "relay";
        case Role::projector:
            return "projector";
        case Role::sagas:
            return "sagas";
    }
    return "";
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    if (text.empty() || text.front() == '-') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string must_be_between(std::int64_t least, std::int64_t most, std::string_view unit) {
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most) +
           std::string(unit);
}

Read read_text(std::string Config::*to, std::size_t bytes_max) {
    return [=](Config& config, const std::string& text) -> Complaint {
        if (text.size() > bytes_max ||
            !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; })) {
            return "at most " + std::to_string(bytes_max) + " printable characters, no blanks";
        }
        config.*to = text;
        return std::nullopt;
    };
}

Read read_payment_url(std::string Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        const auto is = [&](std::string_view scheme) {
            return text.starts_with(scheme) && text.size() > scheme.size() && text.size() <= 4095;
        };
        if (!is("http://") && !is("https://") && !is(sandbox_scheme))
            return "http://..., https://... or sandbox:FILE";
        config.*to = text;
        return std::nullopt;
    };
}

Read read_path(std::string Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        const bool printable = std::ranges::all_of(
            text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
        if (text.empty() || text.size() > 4095 || !printable) return "the path of a file";
        config.*to = text;
        return std::nullopt;
    };
}

Read read_postgres(std::string Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        const bool uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
        if (!uri && (text.find('=') == std::string::npos || text.find("://") != text.npos)) {
            return "a PostgreSQL address such as postgresql://user@127.0.0.1:5432/skald or "
                   "host=127.0.0.1 dbname=skald";
        }
        config.*to = text;
        return std::nullopt;
    };
}

Read read_redis(RedisAddress Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        const auto redis = redis_address(text);
        if (!redis) {
            return "a Redis address such as 127.0.0.1:6379 or redis://:password@127.0.0.1:6379/0";
        }
        config.*to = *redis;
        return std::nullopt;
    };
}

Read read_kafka(std::string Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        for (const auto& broker : split(text, ',')) {
            const auto at = address(broker);
            if (!at || at->port == 0) return "Kafka brokers such as 127.0.0.1:9092,127.0.0.1:9093";
        }
        config.*to = text;
        return std::nullopt;
    };
}

// Kafka's own rule for topic names.
Read read_topic(std::string Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        const bool legal = !text.empty() && text.size() <= 249 && text != "." && text != ".." &&
                           std::ranges::all_of(text, [](char c) {
                               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                      (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
                           });
        if (!legal) return "1 to 249 letters, digits, dots, dashes or underscores";
        config.*to = text;
        return std::nullopt;
    };
}

Read read_listen(Address Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        const auto at = address(text);
        if (!at) return "host:port such as 127.0.0.1:8080 (port 0 takes a free one)";
        config.*to = *at;
        return std::nullopt;
    };
}

Read read_roles(std::set<Role> Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        std::set<Role> roles;
        for (const auto& name : split(text, ',')) {
            const auto role = std::ranges::find(all_roles, name, name_of);
            if (role == std::end(all_roles)) return "one or more of api,relay,projector,sagas";
            roles.insert(*role);
        }
        config.*to = roles;
        return std::nullopt;
    };
}

Read read_switch(bool Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        if (text != "true" && text != "1" && text != "false" && text != "0") return "true or false";
        config.*to = text == "true" || text == "1";
        return std::nullopt;
    };
}

Read read_level(diagnostics::Level Config::*to) {
    return [=](Config& config, const std::string& text) -> Complaint {
        using diagnostics::Level;
        for (const auto& [name, level] : {std::pair{"debug", Level::debug},
                                          {"info", Level::info},
                                          {"warning", Level::warning},
                                          {"error", Level::error}}) {
            if (text == name) {
                config.*to = level;
                return std::nullopt;
            }
        }
        return "debug, info, warning or error";
    };
}

Read read_milliseconds(std::chrono::milliseconds Config::*to, std::int64_t least,
                       std::int64_t most) {
    return [=](Config& config, const std::string& text) -> Complaint {
        const auto value = whole_number(text);
        if (!value || *value < least || *value > most) {
            return must_be_between(least, most, " (milliseconds)");
        }
        config.*to = std::chrono::milliseconds(*value);
        return std::nullopt;
    };
}

}  // namespace skald::config
