#include "api/config/setting.h"

#include <algorithm>
#include <array>

#include "api/config/mask.h"
#include "api/config/readers.h"

namespace skald::config {
namespace {

using C = Config;
constexpr auto secret = Secrecy::password_inside;
constexpr std::int64_t mebibyte = 1024 * 1024;

const auto& table() {
    static const std::array rows{
        Setting{"pg", "", "PostgreSQL, the login that reads and writes", read_postgres(&C::pg),
                secret},
        Setting{"pg_owner", "", "PostgreSQL, the login that owns the schema (default: pg)",
                read_postgres(&C::pg_owner), secret},
        Setting{"redis", "", "Redis, host:port or redis:// address", read_redis(&C::redis), secret},
        Setting{"redis_prefix", "skald:", "what every key in Redis begins with",
                read_text(&C::redis_prefix, 64)},
        Setting{"kafka", "", "Kafka's bootstrap brokers, host:port,...", read_kafka(&C::kafka)},
        Setting{"topic", "skald.events", "the Kafka topic of the events", read_topic(&C::topic)},
        Setting{"topic_replicas", "1", "brokers that hold the topic, when it is made",
                read_number(&C::topic_replicas, 1, 32)},
        Setting{"topic_min_insync", "1", "brokers that must have a record before it counts",
                read_number(&C::topic_min_insync, 1, 32)},
        Setting{"listen", "127.0.0.1:8080", "where the public API listens",
                read_listen(&C::listen)},
        Setting{"ops_listen", "127.0.0.1:8081", "where /ops, /metrics and health listen",
                read_listen(&C::ops_listen)},
        Setting{"payment_url", "",
                "the payment provider (role sagas): its address, or sandbox:FILE to pretend",
                read_payment_url(&C::payment_url)},
        Setting{"payment_secret", "", "what requests to the payment provider are signed with",
                read_text(&C::payment_secret, 256), Secrecy::whole},
        Setting{"payment_call_ms", "3000", "how long one call to the payment provider may take",
                read_milliseconds(&C::payment_call, 50, 600'000)},
        Setting{"payment_calls_max", "8", "calls to it under way at once; others wait",
                read_number(&C::payment_calls_max, 1, 256)},
        Setting{"payment_circuit_failures", "5",
                "failures in a row, of different operations, that open its circuit",
                read_number(&C::payment_circuit_failures, 1, 1'000'000)},
        Setting{"payment_circuit_open_ms", "30000",
                "how long it is left alone then, before it is tried",
                read_milliseconds(&C::payment_circuit_open, 100, 3'600'000)},
        Setting{"payment_circuit_successes", "3",
                "calls in a row, one at a time, that close the circuit again",
                read_number(&C::payment_circuit_successes, 1, 1'000)},
        Setting{"sandbox_listen", "127.0.0.1:9090", "where sandbox-provider listens",
                read_listen(&C::sandbox_listen)},
        Setting{"sandbox_ledger", "", "the file that sandbox-provider keeps its books in",
                read_path(&C::sandbox_ledger)},
        Setting{.name = "roles",
                .fallback = "api,relay,projector,sagas",
                .help = "what this process does; without payment_url all but sagas",
                .read = read_roles(&C::roles),
                .is_list = true},
        Setting{"partitions", "16", "partitions of a new store, fixed once it is made",
                read_number(&C::partitions, 1, 1024)},
        Setting{.name = "allow_degraded",
                .fallback = "false",
                .help = "start although Kafka or Redis is away",
                .read = read_switch(&C::allow_degraded),
                .is_switch = true},
        Setting{"log_level", "info", "debug, info, warning or error", read_level(&C::log_level)},
        Setting{"lease_ms", "3000", "how long a partition stays with an owner that fell silent",
                read_milliseconds(&C::lease, 500, 600'000)},
        Setting{"poll_ms", "50", "how often other processes' events are looked for",
                read_milliseconds(&C::poll, 5, 10'000)},
        Setting{"drain_ms", "3000", "how long a stop waits for requests in flight",
                read_milliseconds(&C::drain, 0, 600'000)},
        Setting{"request_ms", "10000", "how long a command may take before it is given up",
                read_milliseconds(&C::request, 100, 600'000)},
        Setting{"wait_ms", "2000", "how long a query waits for its token by default",
                read_milliseconds(&C::wait, 0, 60'000)},
        Setting{"pg_statement_ms", "8000", "how long PostgreSQL may work on a statement",
                read_milliseconds(&C::pg_statement, 100, 600'000)},
        Setting{"workers", "8", "threads that answer requests, each with a connection",
                read_number(&C::workers, 1, 256)},
        Setting{"queue_max", "4096", "commands waiting beyond which clients get 503",
                read_number(&C::queue_max, 1, 1'000'000)},
        Setting{"http_queue_max", "2048", "requests in work beyond which clients get 503",
                read_number(&C::http_queue_max, 1, 1'000'000)},
        Setting{"waiting_max", "1024", "beside those, clients that wait with Prefer: wait",
                read_number(&C::waiting_max, 0, 1'000'000)},
        Setting{"header_ms", "10000", "how long a client may take to send a request's headers",
                read_milliseconds(&C::header, 100, 600'000)},
        Setting{"body_ms", "30000", "how long it may take to send the body",
                read_milliseconds(&C::body, 100, 600'000)},
        Setting{"idle_ms", "60000", "how long a connection may be idle between requests",
                read_milliseconds(&C::idle, 100, 3'600'000)},
        Setting{"write_ms", "30000", "how long a client may take to read an answer",
                read_milliseconds(&C::write, 100, 600'000)},
        Setting{"connections_max", "4096", "client connections held open at once",
                read_number(&C::connections_max, 1, 1'000'000)},
        Setting{"cache_bytes_max", "67108864", "memory for folded streams, in bytes",
                read_number(&C::cache_bytes_max, mebibyte, 1024 * 1024 * mebibyte)},
    };
    return rows;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string Setting::env() const {
    std::string text = "SKALD_" + std::string(name);
    std::ranges::transform(text, text.begin(), upper);
    return text;
}

std::string Setting::flag() const {
    std::string text = "--" + std::string(name);
    std::ranges::replace(text, '_', '-');
    return text;
}

std::string Setting::shown(const std::string& text) const {
    if (secrecy == Secrecy::whole) return text.empty() ? text : std::string(hidden);
    return secrecy == Secrecy::password_inside ? mask_connection(text) : text;
}

std::span<const Setting> all_settings() { return table(); }

const Setting* find_setting(std::string_view name) {
    const auto found = std::ranges::find(table(), name, &Setting::name);
    return found == table().end() ? nullptr : &*found;
}

const Setting* find_setting_by_env(std::string_view env) {
    const auto found =
        std::ranges::find_if(table(), [&](const Setting& setting) { return setting.env() == env; });
    return found == table().end() ? nullptr : &*found;
}

}  // namespace skald::config
