#include "api/serve/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "api/http/server.h"
#include "api/serve/connections.h"

namespace skald::serve {
namespace {

constexpr std::size_t own_base = 48;       // files, listeners, polling, the executor, the relay
constexpr std::size_t own_projector = 64;  // its followers' connections to PostgreSQL and Kafka
constexpr std::size_t own_sagas = 32;  // connections to PostgreSQL, calls to the payment provider
constexpr std::size_t clients_min = 16;
constexpr std::size_t ops_max = 256;
constexpr std::size_t descriptors_useful = 2'097'152;  // more than all settings together ask for

}  // namespace

Connections share_descriptors(const config::Config& config, std::size_t descriptors) {
    // A worker may hold a connection to PostgreSQL and one to Redis.
    const std::size_t own = own_base + 2 * static_cast<std::size_t>(config.workers) +
                            (config.has(config::Role::projector) ? own_projector : 0) +
                            (config.has(config::Role::sagas) ? own_sagas : 0);
    if (descriptors < own + clients_min) {
        throw Unfit("this process may have " + std::to_string(descriptors) +
                    " open files, and needs " + std::to_string(own + clients_min) +
                    " at least. Raise the limit (ulimit -n), or lower SKALD_WORKERS.");
    }
    const auto room = descriptors - own;
    // Of n connections that are served, as many as turned_away_max(n) more are answered 503.
    const auto fit = [](std::size_t most, std::size_t share) {
        auto n = std::min(most, share);
        while (n > 1 && n + http::turned_away_max(n) > share) --n;
        return n;
    };
    Connections connections;
    connections.ops = fit(ops_max, room / 4);
    connections.api = fit(static_cast<std::size_t>(config.connections_max), room - room / 4);
    return connections;
}

std::size_t raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // what POSIX systems begin with
    const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, descriptors_useful);
    if (limit.rlim_cur < wanted) {
        const rlim_t before = limit.rlim_cur;
        limit.rlim_cur = wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
    }
    return static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, descriptors_useful));
}

}  // namespace skald::serve
