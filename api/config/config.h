// The program's settings as typed values, ready for use. Made once at start by load() and never
// changed, so every thread may read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "diagnostics/logger.h"

namespace skald::config {

struct Address {
    std::string host;
    std::uint16_t port = 0;
    // host:port, an IPv6 host in brackets.
    std::string text() const;
    friend bool operator==(const Address&, const Address&) = default;
};

struct RedisAddress {
    Address at;
    std::string user;
    std::string password;
    int database = 0;
    friend bool operator==(const RedisAddress&, const RedisAddress&) = default;
};

enum class Role { api, relay, projector, sagas };
std::string_view name_of(Role role);

inline constexpr std::string_view sandbox_scheme = "sandbox:";

struct Config {
    std::string pg;        // conninfo of the login that takes the writer's role
    std::string pg_owner;  // conninfo of the login that owns the schema
    RedisAddress redis;
    std::string redis_prefix;
    std::string kafka;  // bootstrap servers, host:port,...
    std::string topic;
    std::int32_t topic_replicas = 0;
    std::int32_t topic_min_insync = 0;
    Address listen;
    Address ops_listen;
    Address sandbox_listen;
    std::string sandbox_ledger;  // path
    std::string payment_url;     // http://, https://, or sandbox:FILE
    std::string payment_secret;  // empty: requests to the payment provider are not signed
    std::chrono::milliseconds payment_call{};
    std::size_t payment_calls_max = 0;
    int payment_circuit_failures = 0;
    std::chrono::milliseconds payment_circuit_open{};
    int payment_circuit_successes = 0;
    std::set<Role> roles;
    std::int32_t partitions = 0;
    bool allow_degraded = false;
    diagnostics::Level log_level = diagnostics::Level::info;

    std::chrono::milliseconds lease{};
    std::chrono::milliseconds poll{};
    std::chrono::milliseconds drain{};
    std::chrono::milliseconds request{};
    std::chrono::milliseconds wait{};
    std::chrono::milliseconds header{};
    std::chrono::milliseconds body{};
    std::chrono::milliseconds idle{};
    std::chrono::milliseconds write{};
    std::chrono::milliseconds pg_statement{};

    std::size_t workers = 0;
    std::size_t queue_max = 0;
    std::size_t http_queue_max = 0;
    std::size_t waiting_max = 0;
    std::size_t connections_max = 0;
    std::size_t cache_bytes_max = 0;

    bool has(Role role) const { return roles.contains(role); }
    // Payments are pretended in this process: payment_url is sandbox:FILE.
    bool sandbox_payments() const { return payment_url.starts_with(sandbox_scheme); }
};

}  // namespace skald::config
