#include "bench/program/catch_up.h"

#include <limits>
#include <optional>
#include <stdexcept>
#include <thread>

namespace skald::bench {
namespace {

constexpr std::chrono::seconds catch_up_max{60};
constexpr std::chrono::microseconds between_looks{500};

// How many events the slowest of them is past; nothing before each has opened all partitions.
std::optional<std::int64_t> slowest(const std::vector<const eventstore::Follower*>& followers,
                                    std::size_t partitions) {
    auto least = std::numeric_limits<std::int64_t>::max();
    for (const auto* follower : followers) {
        const auto all = follower->progress();
        if (all.size() < partitions) return std::nullopt;
        std::int64_t sum = 0;
        for (const auto& one : all) {
            if (one.state != eventstore::FollowerState::following) return std::nullopt;
            sum += one.position.value();
        }
        least = std::min(least, sum);
    }
    return least;
}

}  // namespace

Sample catch_up(ServerCpu& server, Shop& shop,
                const std::vector<const eventstore::Follower*>& followers) {
    const auto heads = shop.core().heads.heads();
    std::int64_t total = 0;
    for (const auto& head : heads) total += head.value();
    Sample sample;
    std::optional<std::int64_t> first;
    Clock::time_point begun;
    const auto deadline = Clock::now() + catch_up_max;
    for (;;) {
        const auto now = slowest(followers, heads.size());
        if (now && !first) {
            first = now;
            begun = Clock::now();
            sample.client_cpu_s = -process_cpu_s();
            sample.server_cpu_s = -server.seconds();
        }
        if (now && *now >= total) break;
        if (Clock::now() > deadline) throw std::runtime_error("a follower does not catch up");
        std::this_thread::sleep_for(between_looks);  // sleep: progress is only to be asked for
    }
    sample.seconds = Seconds(Clock::now() - begun).count();
    sample.operations = static_cast<std::uint64_t>(total - *first);
    sample.client_cpu_s += process_cpu_s();
    sample.server_cpu_s += server.seconds();
    return sample;
}

}  // namespace skald::bench
